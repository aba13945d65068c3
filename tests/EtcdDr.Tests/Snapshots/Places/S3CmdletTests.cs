using EtcdDr.Lab.ObjectStorage;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>The cmdlets with a bucket, in the module as it is shipped: the SDK lives in the module's own load context there.</summary>
public sealed class S3CmdletTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_snapshot_is_copied_into_a_bucket_by_its_name_in_the_profile_found_tested_copied_back_and_removed()
    {
        await using var server = await S3Server.StartAsync();
        SnapshotSamples.WriteOwn(_directory.At("here"));
        SnapshotSamples.WriteOwn(_directory.At("here"), "etcd_snapshot_2026-11-23_23-53-31");
        var profile = _directory.At("etcddr.yaml");
        await File.WriteAllTextAsync(
            profile,
            $$"""
            clusters:
              primary: {kubeconfig: kubeconfig}
            places:
              offsite:
                path: s3://backups/prod
                endpoint: {{server.Endpoint}}
                secret: vault/s3
            """
        );

        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            function Get-Secret { param($Name, $Vault) '{{S3Server.AccessKey}}:{{S3Server.SecretKey}}' }
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            Get-EtcdSnapshot '{{_directory.At("here")}}' | Copy-EtcdSnapshot -Destination offsite | ForEach-Object { "copied $_" }
            $there = @(Get-EtcdSnapshot s3://backups/prod)
            "there $($there.Name -join ' ')"
            "sums $(@($there[0] | Test-EtcdSnapshot -ErrorAction SilentlyContinue).Count -gt 0)"
            $there[1] | Copy-EtcdSnapshot -Destination '{{_directory.At("back")}}' | ForEach-Object { "back $($_.Name)" }
            $there[0] | Remove-EtcdSnapshot -Confirm:$false
            "left $((Get-EtcdSnapshot offsite).Name)"
            """,
            ("ETCDDR_PROFILE", profile)
        );

        Assert.True(exitCode == 0, output);
        Assert.Contains("copied s3://backups/prod/etcd_snapshot_2026-11-22_23-53-31", output, StringComparison.Ordinal);
        Assert.Contains("there etcd_snapshot_2026-11-22_23-53-31 etcd_snapshot_2026-11-23_23-53-31", output, StringComparison.Ordinal);
        Assert.Contains("back etcd_snapshot_2026-11-23_23-53-31", output, StringComparison.Ordinal);
        Assert.Contains("left etcd_snapshot_2026-11-23_23-53-31", output, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Objects.Keys, k => k.Contains("2026-11-22", StringComparison.Ordinal));
        Assert.Equal(
            await File.ReadAllBytesAsync(_directory.At("here", "etcd_snapshot_2026-11-23_23-53-31", "etcd-snapshot.db")),
            await File.ReadAllBytesAsync(_directory.At("back", "etcd_snapshot_2026-11-23_23-53-31", "etcd-snapshot.db"))
        );
    }
}
