using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Mirror;

/// <summary>What pipelines rest on of Test-ClusterMirror and Compare-EtcdSnapshot: nothing found is an error record, and -FailOnDifference
/// is one error after all objects.</summary>
public sealed class DifferenceCmdletsTests : IDisposable
{
    // Both clusters are away: nothing listens on port 1.
    private const string Profile = """
        defaults:
          ssh: {user: opc, port: 1, configFile: none, useAgent: false}
        clusters:
          primary:
            kubeconfig: kube.conf
            nodes: [{name: cp1, role: control-plane, address: 127.0.0.1}, {name: w1, role: worker, address: 127.0.0.1}]
          secondary:
            kubeconfig: kube.conf
            nodes: [{name: cp1, role: control-plane, address: 127.0.0.1}]

        """;

    private readonly TempDirectory _directory = new();

    public DifferenceCmdletsTests()
    {
        File.WriteAllText(_directory.At("etcddr.yaml"), Profile);
        File.WriteAllText(
            _directory.At("kube.conf"),
            "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}], "
                + "contexts: [{name: c, context: {cluster: k, user: u}}], users: [{name: u, user: {token: t}}]}"
        );
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Checks_that_fail_are_objects_and_one_error_if_that_is_asked_for()
    {
        var lines = await RunAsync(
            """
            $all = Test-ClusterMirror primary secondary
            $failed = ($all | Where-Object Status -eq Fail).Name
            "errors $($Error.Count), failed $($failed -contains 'KubeApi'), sites $($all[0].Primary) $($all[0].Secondary)"
            $some = Test-ClusterMirror primary secondary -Include 'Etcd*', kubeapi, WorkerNames -Exclude '*Ports', EtcdH*
            "some $([System.Linq.Enumerable]::Distinct([string[]] $some.Name) -join ' ')"
            $seen = @()
            try { Test-ClusterMirror primary secondary -FailOnDifference | ForEach-Object { $seen += $_ } }
            catch { "thrown $($_.FullyQualifiedErrorId)" }
            "seen $($seen.Count -eq $all.Count), errors $($Error.Count)"
            $Error.Clear()
            $none = Test-ClusterMirror primary secondary -Include PodCidr -FailOnDifference
            "unknown $($none.Status), errors $($Error.Count)"
            """
        );

        Assert.Equal(
            [
                "errors 0, failed True, sites primary secondary",
                "some KubeApi WorkerNames EtcdVersion EtcdFlags EtcdOverrides",
                "thrown ClusterMirrorDiffers,EtcdDr.Commands.TestClusterMirrorCommand",
                "seen True, errors 1",
                "unknown Information, errors 0",
            ],
            lines
        );
    }

    [Fact]
    public async Task Differences_of_snapshots_are_objects_and_one_error_if_that_is_asked_for()
    {
        const string Common = """{"group":"","version":"v1","kind":"ConfigMap","namespace":"shop","name":"same","sha256":"aa"}""" + "\n";
        const string Pod =
            """{"group":"","version":"v1","kind":"Pod","namespace":"shop","name":"web-1","owner":"Deployment/web","ready":true}""" + "\n";
        SnapshotSamples.WriteOwn(
            _directory.Path,
            "etcd_snapshot_2026-11-22_00-00-00",
            records: Common
                + Pod
                + """{"group":"apps","version":"v1","kind":"Deployment","namespace":"shop","name":"gone","sha256":"bb"}"""
                + "\n"
        );
        SnapshotSamples.WriteOwn(
            _directory.Path,
            "etcd_snapshot_2026-11-23_00-00-00",
            records: Common + Pod.Replace("true", "false", StringComparison.Ordinal)
        );

        var lines = await RunAsync(
            """
            $old = Get-EtcdSnapshot etcd_snapshot_2026-11-22_00-00-00
            $new = Get-EtcdSnapshot etcd_snapshot_2026-11-23_00-00-00
            $all = Compare-EtcdSnapshot $old -With $new
            "$(($all | ForEach-Object { "$($_.Change) $($_.Kind) $($_.Namespace)/$($_.Name)" }) -join ', '), errors $($Error.Count)"
            $seen = @()
            try { Compare-EtcdSnapshot $old -With $new -FailOnDifference | ForEach-Object { $seen += $_ } }
            catch { "thrown $($_.FullyQualifiedErrorId)" }
            "seen $($seen.Count), errors $($Error.Count)"
            $Error.Clear()
            $same = @(Compare-EtcdSnapshot $old -With $old -FailOnDifference)
            "same $($same.Count), errors $($Error.Count)"
            $counts = Compare-EtcdSnapshot $old -With $new -Summary | Where-Object Kind -eq Deployment
            "summary $($counts.InSnapshot) $($counts.Compared) $($counts.Missing)"
            """
        );

        Assert.Equal(
            [
                "Missing Deployment shop/gone, NotReady Pod shop/Deployment/web, errors 0",
                "thrown InventoryDiffers,EtcdDr.Commands.CompareEtcdSnapshotCommand",
                "seen 2, errors 1",
                "same 0, errors 0",
                "summary 1 0 1",
            ],
            lines
        );
    }

    private async Task<string[]> RunAsync(string script)
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $"""
            $ErrorActionPreference = 'Continue'
            Import-Module '{Repository.Module}/EtcdDr.psd1'
            Set-Location '{_directory.Path}'
            {script}
            """,
            ("ETCDDR_PROFILE", _directory.At("etcddr.yaml"))
        );
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
