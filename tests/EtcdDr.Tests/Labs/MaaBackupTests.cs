using System.Text.Json.Nodes;
using EtcdDr.Lab;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Nodes;
using EtcdDr.Tests.Module;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Labs;

/// <summary>A backup as the MAA scripts write it, from one cluster into another through the cmdlets, with encryption at rest under another
/// key on each site.</summary>
[Trait("Category", "Lab")]
public sealed class MaaBackupTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [LabFact]
    public async Task A_backup_of_the_scripts_is_listed_tested_restored_and_compared_and_its_encrypted_objects_can_be_read()
    {
        await using var lab = await EtcdDr.Lab.Lab.UpAsync(
            new LabOptions
            {
                ControlPlanes = 1,
                Workers = 0,
                Layout = Encrypted,
            }
        );
        using (var primary = lab.Primary.ConnectApi())
        {
            await primary.CreateAsync("/api/v1/namespaces/default/secrets", Secret("from the primary"));
            await primary.WaitForControllersAsync();
        }

        await BackUpAsync(lab.Primary["cp1"]);

        var (exit, output) = await ScriptProcess.RunAsync(
            $$"""
            Import-Module '{{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}}'; $ErrorActionPreference = 'Stop'
            $s = Get-EtcdSnapshot '{{_temp.Path}}'
            "Listed: $($s.Format) $($s.Label) $($s.EtcdVersion) $($s.Nodes.Name)"
            $tests = $s | Test-EtcdSnapshot
            "Errors: $(@($tests | Where-Object Severity -eq 'Error' | ForEach-Object Message) -join '; ')"
            "Keys: $($tests.Message -match 'encryption configuration')"
            $r = $s | Restore-EtcdSnapshot -Cluster secondary -ConvergeTimeoutSeconds 90 -Confirm:$false
            "Restored: $($r.State)"
            $differences = Compare-EtcdSnapshot $s -Cluster (Get-EtcdCluster secondary) | Where-Object Change -ne 'NotReady' |
                ForEach-Object { "$($_.Change) $($_.Kind) $($_.Namespace)/$($_.Name)" }
            "Differences: $(@($differences) -join '; ')."
            """,
            ("ETCDDR_PROFILE", lab.ProfilePath)
        );

        Assert.True(exit == 0, output);
        Assert.Contains($"Listed: Maa ETCD Snapshot after first configuration {lab.EtcdVersion} cp1", output, StringComparison.Ordinal);
        Assert.Contains("Errors: \n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("cp1-etc-kubernetes.gz:/etc/kubernetes/enc/enc.yaml' can be read", output, StringComparison.Ordinal);
        Assert.Contains("Restored: Completed", output, StringComparison.Ordinal);
        Assert.Contains("Differences: .", output, StringComparison.Ordinal);
        using var secondary = lab.Secondary.ConnectApi();
        var restored = (await secondary.GetAsync("/api/v1/namespaces/default/secrets/mine"))!;
        Assert.Equal(Secret("from the primary")["data"]!.ToJsonString(), restored["data"]!.ToJsonString());
        Assert.Contains(
            "k8s:enc:aescbc:v1:primary",
            await lab.Secondary["cp1"].EtcdctlAsync("get /registry/secrets/default/mine --print-value-only | head -c 40"),
            StringComparison.Ordinal
        );
    }

    private static ClusterLayout Encrypted(ClusterLayout layout) =>
        layout with
        {
            EncryptionConfiguration = $$"""
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets]
                  providers:
                  - aescbc:
                      keys:
                      - name: {{layout.Site}}
                        secret: {{Convert.ToBase64String(
                    System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(layout.Site))
                )}}
                  - identity: {}

                """,
        };

    private static JsonObject Secret(string text) =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "mine", ["namespace"] = "default" },
            ["data"] = new JsonObject { ["text"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(text)) },
        };

    // Names and contents as the scripts leave them; database and tables by the real etcdctl.
    private async Task BackUpAsync(LabNode node)
    {
        var root = Directory.CreateDirectory(_temp.At("etcd_snapshot_2022-08-29_15-56-59", node.Name)).Parent!.FullName;
        await node.EtcdctlAsync("snapshot save /var/lib/maa.db");
        await node.RunAsync("tar -czf /var/lib/maa.gz /etc/kubernetes 2>/dev/null");
        File.Copy(node.PathOf("/var/lib/maa.db"), Path.Combine(root, node.Name, $"etcd-snapshot-{node.Name}.db"));
        File.Copy(node.PathOf("/var/lib/maa.gz"), Path.Combine(root, node.Name, $"{node.Name}-etc-kubernetes.gz"));
        File.Copy(node.PathOf("/etc/kubernetes/pki/sa.key"), Path.Combine(root, "sa.key"));
        File.Copy(node.PathOf("/etc/kubernetes/pki/sa.pub"), Path.Combine(root, "sa.pub"));
        await File.WriteAllTextAsync(Path.Combine(root, "mnode.log"), $"{node.Name}\n");
        await File.WriteAllTextAsync(Path.Combine(root, "wnode.log"), string.Empty);
        await File.WriteAllTextAsync(Path.Combine(root, "etcd_master.log"), $"{node.Name}\n");
        await File.WriteAllTextAsync(Path.Combine(root, "backup_label.txt"), "ETCD Snapshot after first configuration\n");
        await File.WriteAllTextAsync(Path.Combine(root, "etcd_info.log"), await node.EtcdctlAsync("endpoint status -w table"));
        await node.RunAsync("rm /var/lib/maa.db /var/lib/maa.gz");
    }
}
