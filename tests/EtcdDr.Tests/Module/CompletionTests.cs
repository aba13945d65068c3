using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Module;

/// <summary>Completion as the Tab key asks for it, in a process with the module alone.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public CompletionTests()
    {
        SnapshotSamples.WriteOwn(_directory.At("backups"), "etcd_snapshot_2026-11-22_23-53-31", label: "after first configuration");
        SnapshotSamples.WriteOwn(
            _directory.At("backups"),
            "etcd_snapshot_2026-11-23_23-53-31",
            label: "nightly",
            created: new DateTime(2026, 11, 23, 23, 53, 31, DateTimeKind.Utc)
        );
        File.WriteAllText(
            _directory.At("kube.conf"),
            "contexts: [{name: admin, context: {cluster: dr}}, {name: viewer, context: {cluster: dr}}]\nclusters: [{name: dr, cluster: "
                + "{server: \"https://192.0.2.1:6443\"}}]\n"
        );
        File.WriteAllText(
            _directory.At("etcddr.yaml"),
            "clusters:\n  primary: {kubeconfig: kube.conf, context: admin, "
                + "nodes: [{name: cp1, role: control-plane, address: 192.0.2.11}]}\n"
                + "  secondary: {kubeconfig: kube.conf, context: viewer, encryptTo: [CN=escrow], nodes: [{name: cp1, role: control-plane, "
                + "address: 192.0.2.21}, {name: cp2, role: control-plane, address: 192.0.2.22}, "
                + "{name: w1, role: worker, address: 192.0.2.31}]}\n"
                + "hosts: {dr-bastion: {user: opc}}\nplaces: {far: {path: \"opc@dr-bastion:/restore\"}}\n"
        );
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Names_paths_labels_checks_and_contexts_are_completed_from_files_alone()
    {
        var cases = new (string Line, string Expected)[]
        {
            ("Get-EtcdCluster s", "secondary"),
            ("Get-EtcdStatus -Cluster ", "primary secondary"),
            ("New-EtcdSnapshot -Cluster p", "primary"),
            ("Restore-EtcdSnapshot -Cluster s", "secondary"),
            ("Undo-EtcdRestore -Cluster s", "secondary"),
            ("Stop-EtcdControlPlane p", "primary"),
            ("Compare-EtcdSnapshot -Cluster p", "primary"),
            ("Test-ClusterMirror -Primary p", "primary"),
            ("Test-ClusterMirror -Secondary s", "secondary"),
            ("Test-ClusterMirror -Include EtcdV", "EtcdVersion"),
            ("Test-ClusterMirror -Include PodCidr -Exclude NodeL", "NodeLabels"),
            ("Restore-EtcdSnapshot -SkipCheck Webh", "Webhooks"),
            ("Restore-EtcdSnapshot -Cluster secondary -Survivor cp", "cp1 cp2"),
            ("Restore-EtcdSnapshot -Lost cp2", "cp2"),
            ("Add-EtcdMember -Cluster primary -Node ", "cp1"),
            ("Remove-EtcdMember -Cluster secondary -Peer cp1", "cp1"),
            ("Get-EtcdCluster -Kubeconfig kube.conf -Context v", "viewer"),
            (
                "Get-EtcdSnapshot -Path backups/etcd_snapshot_2026-11-2",
                "backups/etcd_snapshot_2026-11-23_23-53-31 backups/etcd_snapshot_2026-11-22_23-53-31"
            ),
            ("Test-EtcdSnapshot -Path backups/etcd_snapshot_2026-11-22", "backups/etcd_snapshot_2026-11-22_23-53-31"),
            ("Copy-EtcdSnapshot -Path backups/etcd_snapshot_2026-11-22", "backups/etcd_snapshot_2026-11-22_23-53-31"),
            ("Get-EtcdSnapshot -Path backups -Name etcd_snapshot_2026-11-23", "etcd_snapshot_2026-11-23_23-53-31"),
            ("Remove-EtcdSnapshot -Path backups -KeepLabel n", "nightly"),
            ("New-EtcdSnapshot -Path backups -Label a", "'after first configuration'"),
            ("Get-EtcdSnapshot -Path opc@192.0.2.1:/backups -Name etcd_snap", ""),
            ("Copy-EtcdSnapshot -Path backups -Destination opc@", "'opc@dr-bastion:/restore'"),
            ("Copy-EtcdSnapshot -Path backups -Destination dr", "dr-bastion:/"),
            ("New-EtcdSnapshot primary backups -EncryptTo CN=esc", "'CN=escrow'"),
            ("Get-EtcdSnapshotKey backups -Kind DaemonS", "DaemonSet"),
            ("Compare-EtcdSnapshot -Kind StatefulS", "StatefulSet"),
            ("Remove-EtcdStage secondary -Id ", ""),
            ("Get-ClusterObject -Cluster s", "secondary"),
            ("Get-ClusterObject DaemonS", "DaemonSet"),
            ("Restore-ClusterObject s", "secondary"),
            ("Undo-ClusterObject p", "primary"),
            ("Mount-EtcdSnapshot backups s", "secondary"),
            ("Get-EtcdMount p", "primary"),
            ("Dismount-EtcdSnapshot -Cluster s", "secondary"),
        };
        var lines = string.Join(", ", cases.Select(c => $"'{c.Line.Replace("'", "''", StringComparison.Ordinal)}'"));

        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Repository.Module}}/EtcdDr.psd1'
            Set-Location '{{_directory.Path}}'
            foreach ($line in {{lines}}) {
                $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches |
                    ForEach-Object { $_.CompletionText }
                "$line => $found"
            }
            """
        );

        Assert.Equal(cases.Select(c => $"{c.Line} => {c.Expected}"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, exitCode);
    }
}
