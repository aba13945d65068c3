using System.Text.RegularExpressions;
using EtcdDr.Lab.Faults;
using EtcdDr.Tests.Labs;
using Xunit.Abstractions;

namespace EtcdDr.Tests.Restore;

/// <summary>A restore that is struck ends whole. A part of what the lab's <c>faults</c> command runs, on one lab.</summary>
[Trait("Category", "Lab")]
[Collection(FaultCollection.Name)]
public sealed class RestoreFaultTests(FaultFixture fixture, ITestOutputHelper output)
{
    [LabFact]
    public Task A_bastion_that_dies_while_the_database_is_shipped_is_made_good_by_the_same_restore() =>
        EndsWholeAsync("ship-database", FaultKind.KillRerun, "cp1", "new");

    [LabFact]
    public Task A_full_disk_while_data_is_built_leaves_the_old_state() => EndsWholeAsync("build-data", FaultKind.Disk, "cp2", "old");

    [LabFact]
    public Task A_bastion_that_dies_while_etcd_stops_is_made_good_by_undo() =>
        EndsWholeAsync("stop-etcd", FaultKind.KillUndo, "cp3", "old");

    [LabFact]
    public Task A_node_that_loses_power_in_the_swap_is_put_back_by_undo_when_it_returns() =>
        EndsWholeAsync("swap-data", FaultKind.Power, "cp2", null);

    [LabFact]
    public Task Ctrl_C_while_etcd_starts_leaves_one_state() => EndsWholeAsync("start-etcd", FaultKind.Interrupt, "cp1", null);

    [LabFact]
    public async Task While_a_restore_runs_another_and_a_snapshot_are_refused_and_told_who_works()
    {
        (int Exit, string Output)[] refused = [];
        var first = await fixture.Run.WhileRestoringAsync(async () =>
            refused = await Task.WhenAll(
                fixture.Run.CommandsAsync(fixture.Run.RestoreCommand),
                fixture.Run.CommandsAsync($"$cluster | New-EtcdSnapshot -Path {fixture.Run.Snapshot}-refused | Out-Null")
            )
        );

        Assert.All(refused, r => Assert.True(r.Exit != 0, r.Output));
        var who =
            $"Cluster 'secondary' is being worked on .*restore of {Path.GetFileName(fixture.Run.Snapshot)}, since .* on "
            + $"{Environment.MachineName}";
        Assert.All(refused, r => Assert.Matches(who, Unwrapped(r.Output)));
        Assert.True(first.Exit == 0, first.Output);
    }

    // The console's error view breaks lines at its width and begins each with a bar.
    private static string Unwrapped(string shown) => Regex.Replace(shown, @"\s*\n\s*\|\s*", " ");

    private async Task EndsWholeAsync(string step, FaultKind kind, string node, string? state)
    {
        output.WriteLine("A representative case; all are run by: dotnet run --project tests/EtcdDr.Lab -- faults");
        var outcome = await fixture.RunAsync(new FaultCase(step, kind, node, Beginning.Healthy));
        output.WriteLine(FaultRun.Describe(outcome));
        Assert.True(outcome.Whole, FaultRun.Describe(outcome));
        Assert.True(state is null || outcome.State == state, FaultRun.Describe(outcome));
    }
}
