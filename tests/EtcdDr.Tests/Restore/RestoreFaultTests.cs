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
    public Task A_node_that_is_away_is_named_and_when_it_is_back_a_bastion_that_dies_is_made_good_by_the_same_restore() =>
        EndsWholeAsync("ship-database", FaultKind.KillRerun, "cp1", "new", Beginning.NodeAway);

    [LabFact]
    public Task Certificates_that_are_over_are_refused_and_once_renewed_a_full_disk_while_data_is_built_leaves_the_old_state() =>
        EndsWholeAsync("build-data", FaultKind.Disk, "cp2", "old", Beginning.ExpiredCertificates);

    [LabFact]
    public Task A_bastion_that_dies_while_etcd_stops_is_made_good_by_undo_where_the_api_refuses_the_administrator() =>
        EndsWholeAsync("stop-etcd", FaultKind.KillUndo, "cp3", "old", Beginning.ApiRefusing);

    [LabFact]
    public Task A_node_that_loses_power_in_the_swap_is_put_back_to_a_cluster_without_quorum_by_undo_when_it_returns() =>
        EndsWholeAsync("swap-data", FaultKind.Power, "cp2", null, Beginning.NoQuorum);

    [LabFact]
    public Task A_node_that_is_cut_off_while_apiservers_start_is_waited_for_or_put_back_beside_a_corrupt_member() =>
        EndsWholeAsync("start-apiserver", FaultKind.Cut, "cp1", null, Beginning.CorruptMember);

    [LabFact]
    public Task A_command_that_fails_on_a_slow_disk_leaves_the_old_state() =>
        EndsWholeAsync("build-data", FaultKind.Command, "cp3", "old", Beginning.SlowDisk);

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

    private async Task EndsWholeAsync(string step, FaultKind kind, string node, string? state, Beginning beginning = Beginning.Healthy)
    {
        output.WriteLine("A representative case; all are run by: dotnet run --project tests/EtcdDr.Lab -- faults");
        var outcome = await fixture.RunAsync(new FaultCase(step, kind, node, beginning));
        output.WriteLine(FaultRun.Describe(outcome));
        Assert.True(outcome.Whole, FaultRun.Describe(outcome));
        Assert.True(state is null || outcome.State == state, FaultRun.Describe(outcome));
    }
}
