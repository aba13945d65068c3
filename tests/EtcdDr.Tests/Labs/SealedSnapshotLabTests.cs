using System.Text;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots.Sealing;

namespace EtcdDr.Tests.Labs;

/// <summary>A sealed snapshot from its making to its stage on another cluster, through the module's cmdlets; and a link that is
/// cut.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class SealedSnapshotLabTests(LabFixture fixture) : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("etcddr-sealed-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [LabFact]
    public async Task A_sealed_snapshot_goes_through_every_cmdlet_and_nothing_plain_stays_anywhere()
    {
        var identity = SealingIdentity.Create(_work, "backup");
        var node = fixture.Lab.Secondary["cp2"];
        var far = fixture.Lab.Secondary.Nodes[^1];
        var etcds = await node.RunAsync("pgrep -cx etcd");
        var output = await RunAsync(
            $$"""
            $passphrase = [Net.NetworkCredential]::new('', '{{SealingIdentity.Passphrase}}').SecurePassword
            $open = @{ DecryptWith = '{{identity.Base}}.pfx'; DecryptPassphrase = $passphrase }
            $taken = Get-EtcdCluster primary | New-EtcdSnapshot -Path '{{_work}}/b' -EncryptTo '{{identity.CertificateFile}}'
            "sealed=$((Get-EtcdSnapshot '{{_work}}/b').Sealed)"
            "locked=$(@(Test-EtcdSnapshot '{{_work}}/b' -FailOnFinding | Where-Object Message -like '*no private key*').Count)"
            "open=$(@(Test-EtcdSnapshot '{{_work}}/b' @open -FailOnFinding | Where-Object Check -eq HashKV).Count)"
            $copy = $taken | Copy-EtcdSnapshot -Destination {{LabProfile.FarHost}}:/home/{{fixture.Lab.SshUser}}/sealed
            $ssh = @{
                SshUser = '{{fixture.Lab.SshUser}}'; KeyFile = '{{fixture.Lab.SshKeyFile}}'
                KnownHostsFile = '{{fixture.Lab.KnownHostsFile}}'; SshConfigFile = ''
            }
            "keys=$(@(Get-EtcdSnapshotKey "{{far.Address}}:$($copy.Path)" -Kind Namespace -Name default @ssh @open).Count)"
            "measured=$((Measure-EtcdSnapshot "{{far.Address}}:$($copy.Path)" @ssh @open).Keys -gt 10)"
            $drill = $copy | Test-EtcdSnapshot @open -Drill -Cluster secondary -Node cp2 | Where-Object Check -eq Drill
            "drill=$($drill | ForEach-Object { "$($_.Success) $($_.Message)" })"
            """
        );

        Assert.Contains("sealed=True", output, StringComparison.Ordinal);
        Assert.Contains("locked=1", output, StringComparison.Ordinal);
        Assert.Contains("open=1", output, StringComparison.Ordinal);
        Assert.Contains("keys=1", output, StringComparison.Ordinal);
        Assert.Contains("measured=True", output, StringComparison.Ordinal);
        Assert.Contains("drill=True It restores on node 'cp2'", output, StringComparison.Ordinal);
        Assert.Equal(etcds, await node.RunAsync("pgrep -cx etcd"));
        await node.RunAsync("[ ! -e /var/lib/etcddr-drill ]");

        output = await RunAsync(
            $$"""
            $snapshot = Get-EtcdSnapshot '{{_work}}/b'
            $report = $snapshot | Restore-EtcdSnapshot -Cluster secondary -StageOnly -DecryptWith '{{identity.Base}}.pem' -Confirm:$false
            "state=$($report.State)"
            Get-EtcdStage secondary | ForEach-Object { Remove-EtcdStage secondary $_.Id -Confirm:$false }
            $files = @{ Name = 'keys/sa.key', '*/current_etc_kubernetes/*'; Destination = '{{_work}}/out' }
            "exported=$(@($snapshot | Export-EtcdSnapshotFile @files -DecryptWith '{{identity.Base}}.pem').Count)"
            """
        );
        Assert.Contains("state=Staged", output, StringComparison.Ordinal);
        Assert.Contains("exported=4", output, StringComparison.Ordinal);
        await CheckNothingPlainAsync(far.PathOf($"/home/{fixture.Lab.SshUser}/sealed"));
    }

    [LabFact]
    public async Task A_command_over_a_link_that_is_cut_fails_long_before_its_own_limit()
    {
        var node = fixture.Lab.Secondary.Workers.First();
        var settings = new SshSettings
        {
            User = fixture.Lab.SshUser,
            KeyFile = fixture.Lab.SshKeyFile,
            KnownHostsFile = fixture.Lab.KnownHostsFile,
            ConfigFile = string.Empty,
            UseAgent = false,
            KeepAliveSeconds = 1,
        };
        await using var host = await new SshHostFactory().ConnectAsync(
            node.Name,
            node.Address,
            settings,
            new OperationContext(new RecordingSink()),
            CancellationToken.None
        );
        var running = host.RunAsync(
            new RemoteCommand("test.wait", "sleep 300") { Timeout = TimeSpan.FromMinutes(5) },
            CancellationToken.None
        );
        await node.CutNetworkAsync();
        try
        {
            // Its own limit would be RemoteCommandTimeout.
            Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<EtcdDrException>(() => running)).ErrorId);
        }
        finally
        {
            await node.MendNetworkAsync();
        }
    }

    private async Task CheckNothingPlainAsync(string copy)
    {
        var secrets = File.ReadAllLines(
                Directory.EnumerateFiles(Path.Combine(_work, "out"), "sa.key", SearchOption.AllDirectories).Single()
            )
            .Where(l => l.Length > 30 && !l.StartsWith('-'))
            .Select(Encoding.ASCII.GetBytes)
            .ToList();
        Assert.NotEmpty(secrets);
        var files = Directory
            .EnumerateFiles(Path.Combine(_work, "b"), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories))
            .ToList();
        Assert.Equal(3, files.Count(f => f.Contains("current_etc_kubernetes", StringComparison.Ordinal)));
        foreach (var file in files)
        {
            var content = await File.ReadAllBytesAsync(file);
            Assert.False(content.AsSpan().StartsWith((byte[])[0x1F, 0x8B]), $"{file} is a plain archive.");
            Assert.DoesNotContain(secrets, s => content.AsSpan().IndexOf(s) >= 0);
        }
    }

    private async Task<string> RunAsync(string script)
    {
        var (exit, output) = await ScriptProcess.RunAsync(
            $"Import-Module '{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}'; $ErrorActionPreference = 'Stop'; {script}",
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath)
        );
        Assert.True(exit == 0, output);
        return output;
    }
}
