using EtcdDr.Lab.Faults;
using EtcdDr.Tests.Labs;
using Xunit.Abstractions;

namespace EtcdDr.Tests.Restore;

/// <summary>
/// A restore that is struck on a cluster that was broken before ends whole: one case of each beginning. They take minutes each, so that
/// <c>dotnet test</c> leaves them to <c>--filter Category=Slow</c>.
/// </summary>
[Trait("Category", "Lab")]
[Trait("Category", "Slow")]
[Collection(FaultCollection.Name)]
public sealed class BrokenBeginningTests(FaultFixture fixture, ITestOutputHelper output)
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

    private async Task EndsWholeAsync(string step, FaultKind kind, string node, string? state, Beginning beginning)
    {
        output.WriteLine("A representative case; all are run by: dotnet run --project tests/EtcdDr.Lab -- faults");
        var outcome = await fixture.RunAsync(new FaultCase(step, kind, node, beginning));
        output.WriteLine(FaultRun.Describe(outcome));
        Assert.True(outcome.Whole, FaultRun.Describe(outcome));
        Assert.True(state is null || outcome.State == state, FaultRun.Describe(outcome));
    }
}
