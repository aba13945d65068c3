using EtcdDr.Tests.Module;
using EtcdDr.Tests.Package;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Labs;

/// <summary>What docs/first-try.md shows: a newcomer with the package, a kubeconfig in ~/.kube and a key in ~/.ssh.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class FirstTryTests(LabFixture fixture) : IDisposable
{
    private readonly TempDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [LabFact]
    public async Task A_newcomer_gets_from_Install_PSResource_to_a_snapshot_that_passes_its_tests()
    {
        var output = await AsNewcomerAsync(
            $$"""
            Install-PSResource EtcdDr -Repository Local
            $null = New-EtcdProfile ~/.kube/config {{fixture.Lab.SshUser}}
            $checks = Test-EtcdProfile -Connect
            "checked $($checks.Check | Sort-Object -Unique)"
            "wrong $(($checks | Where-Object -Not Success).Message)."
            "members $(@(Get-EtcdCluster primary | Get-EtcdStatus | Where-Object Healthy).Count)"
            $snapshot = Get-EtcdCluster primary | New-EtcdSnapshot -Path ~/backups -Label 'my first'
            "tested $(@($snapshot | Test-EtcdSnapshot | Where-Object Severity -eq Error).Count)"
            "listed $(@(Get-EtcdSnapshot ~/backups).Label)"
            """
        );

        Assert.Matches("checked .*Api.*Login.*Nodes.*Root", output);
        Assert.Contains("wrong .\n", output, StringComparison.Ordinal);
        Assert.Contains($"members {fixture.Lab.Primary.ControlPlane.Count()}\n", output, StringComparison.Ordinal);
        Assert.Contains("tested 0\n", output, StringComparison.Ordinal);
        Assert.Contains("listed my first\n", output, StringComparison.Ordinal);
    }

    [LabFact]
    public async Task A_user_whom_no_node_lets_in_is_found_by_Connect_at_every_node_and_the_API_is_in_order()
    {
        var output = await AsNewcomerAsync(
            """
            Install-PSResource EtcdDr -Repository Local
            $null = New-EtcdProfile ~/.kube/config nobody
            $checks = Test-EtcdProfile -Connect
            "api $(($checks | Where-Object Check -eq Api).Success)"
            $kept = $checks | Where-Object { $_.Check -eq 'Login' -and -not $_.Success }
            "kept out of $(@($kept).Count), with a remedy $(@($kept | Where-Object Remedy).Count)"
            """
        );

        var nodes = fixture.Lab.Primary.Nodes.Count;
        Assert.Contains("api True\n", output, StringComparison.Ordinal);
        Assert.Contains($"kept out of {nodes}, with a remedy {nodes}\n", output, StringComparison.Ordinal);
    }

    private async Task<string> AsNewcomerAsync(string script)
    {
        var cluster = fixture.Lab.Primary;
        var ssh = Directory.CreateDirectory(_home.At(".ssh"));
        File.SetUnixFileMode(ssh.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Copy(fixture.Lab.SshKeyFile, _home.At(".ssh", "id_ed25519"));
        File.Copy(fixture.Lab.KnownHostsFile, _home.At(".ssh", "known_hosts"));
        Directory.CreateDirectory(_home.At(".kube"));
        // This machine resolves no names of the lab; a kubeconfig can say both, where the API is and what it is called.
        var server = $"https://{cluster.EndpointHost}:{cluster.EndpointPort}";
        var kubeconfig = await File.ReadAllTextAsync(cluster.Kubeconfig);
        Assert.Contains($"server: {server}", kubeconfig, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            _home.At(".kube", "config"),
            kubeconfig.Replace(
                $"server: {server}",
                $"tls-server-name: {cluster.EndpointHost}\n    server: https://{cluster.EndpointAddress}:{cluster.EndpointPort}",
                StringComparison.Ordinal
            )
        );
        var gallery = Path.GetDirectoryName(PackagedModule.Artifact($"EtcdDr.{PackagedModule.Contents.Manifest.Version}.nupkg"))!;

        var (exitCode, output) = await ScriptProcess.RunAsync(
            $"""
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name Local -Uri '{gallery}' -Trusted
            {script}
            """,
            ("HOME", _home.Path),
            ("ETCDDR_PROFILE", string.Empty)
        );

        Assert.True(exitCode == 0, output);
        return output.ReplaceLineEndings("\n");
    }
}
