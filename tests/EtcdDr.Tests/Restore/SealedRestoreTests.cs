using EtcdDr.Tests.Labs;
using EtcdDr.Tests.Snapshots.Sealing;

namespace EtcdDr.Tests.Restore;

/// <summary>A sealed snapshot serves as any other does.</summary>
[Trait("Category", "Lab")]
[Collection(FaultCollection.Name)]
public sealed class SealedRestoreTests(FaultFixture fixture)
{
    private const string Limits = "@{ ConvergeTimeoutSeconds = 3; StepTimeoutSeconds = 60 }";

    [LabFact]
    public async Task A_sealed_snapshot_is_cut_over_to_with_its_key_and_undone_without_it()
    {
        var work = Directory.CreateTempSubdirectory("etcddr-sealed-");
        try
        {
            var identity = SealingIdentity.Create(work.FullName, "backup");
            var (exit, said) = await fixture.Run.CommandsAsync(
                $"""
                $sealed = Get-EtcdCluster primary | New-EtcdSnapshot -Path {work.FullName}/backups -EncryptTo {identity.CertificateFile}
                $before = ($cluster | Get-EtcdStatus)[0].ClusterId
                $limits = {Limits}
                $restore = $sealed | Restore-EtcdSnapshot -Cluster $cluster -DecryptWith {identity.Base}.pem -Confirm:$false @limits
                $served = ($cluster | Get-EtcdStatus)[0].ClusterId
                "api $($null -ne $restore.TimeToApi) served $($before -ne $served)"
                $found = Compare-EtcdSnapshot $sealed -Cluster $cluster -Kind Namespace, ConfigMap, Secret -DecryptWith {identity.Base}.pem
                "missing $(@($found | Where-Object Change -ne Added).Count)"
                $undone = $cluster | Undo-EtcdRestore -Id $restore.Id -LogPath {work.FullName} -Confirm:$false @limits
                "back $($undone.State -in 'Undone', 'Incomplete') $($served -ne ($cluster | Get-EtcdStatus)[0].ClusterId)"
                """
            );

            Assert.True(exit == 0, said);
            Assert.Contains("api True served True", said, StringComparison.Ordinal);
            Assert.Contains("missing 0", said, StringComparison.Ordinal);
            Assert.True(said.Contains("back True True", StringComparison.Ordinal), said);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
