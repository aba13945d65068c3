using EtcdDr.Tests.Labs;

namespace EtcdDr.Tests.Restore;

/// <summary>Stages that lie ready for a later restore.</summary>
[Trait("Category", "Lab")]
[Collection(FaultCollection.Name)]
public sealed class WarmStandbyTests(FaultFixture fixture)
{
    [LabFact]
    public async Task A_stage_is_replaced_by_the_next_and_a_restore_of_it_only_cuts_over()
    {
        var other = Directory.CreateTempSubdirectory("etcddr-stage-");
        try
        {
            var (exit, said) = await fixture.Run.CommandsAsync(
                $"""
                $other = Get-EtcdCluster primary | New-EtcdSnapshot -Path {other.FullName}
                $other | Restore-EtcdSnapshot -Cluster $cluster -StageOnly -Confirm:$false | Out-Null
                $first = @($cluster | Get-EtcdStage)
                Get-EtcdSnapshot {fixture.Run.Snapshot} | Restore-EtcdSnapshot -Cluster $cluster -StageOnly -Confirm:$false | Out-Null
                $second = @($cluster | Get-EtcdStage)
                "stages $($first.Count) $($second.Count) replaced $($first[0].Id -ne $second[0].Id)"
                $restore = {fixture.Run.RestoreCommand}
                "same $($restore.Id -eq $second[0].Id)"
                $names = $restore.Steps.Name
                $built = @($names -eq 'build-data').Count
                "built $built shipped $(@($names -eq 'ship-database').Count) swapped $(@($names -eq 'swap-data').Count)"
                "left $(@($cluster | Get-EtcdStage).Count)"
                $stops = @($restore.Steps | Where-Object Name -eq 'stop-etcd' | Sort-Object Started)
                $last = $stops[2].Started
                "leader last $($stops.Count -eq 3 -and $last -ge $stops[0].Finished -and $last -ge $stops[1].Finished)"
                """
            );

            Assert.True(exit == 0, said);
            Assert.Contains("stages 1 1 replaced True", said, StringComparison.Ordinal);
            Assert.Contains("same True", said, StringComparison.Ordinal);
            Assert.Contains("built 0 shipped 0 swapped 3", said, StringComparison.Ordinal);
            Assert.Contains("left 0", said, StringComparison.Ordinal);
            Assert.Contains("leader last True", said, StringComparison.Ordinal);
        }
        finally
        {
            other.Delete(recursive: true);
        }
    }
}
