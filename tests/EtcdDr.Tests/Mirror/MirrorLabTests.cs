using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdDr.Lab;
using EtcdDr.Lab.Nodes;
using EtcdDr.Tests.Labs;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Mirror;

/// <summary>
/// The mirror checks on two real clusters of the lab: nothing fires between the unchanged pair, and after one change exactly the check that
/// is about it. Each test takes its change back.
/// </summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class MirrorLabTests(LabFixture fixture)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private LabCluster Secondary => fixture.Lab.Secondary;

    private LabNode Worker => Secondary["w1"];

    [LabFact]
    public async Task An_unchanged_pair_gives_no_fail_and_no_warning() => Assert.Empty(MirrorRun.Fired(await CheckAsync()));

    [LabFact]
    public async Task A_snapshot_of_the_unchanged_primary_gives_no_fail_and_no_warning_and_as_much_knowledge()
    {
        var directory = Directory.CreateTempSubdirectory("etcddr-mirror-").FullName;
        try
        {
            var snapshot = await MirrorRun.SnapshotAsync(MirrorRun.Cluster(fixture.Lab.Primary), directory);

            var checks = await MirrorRun.CheckAsync(snapshot, MirrorRun.Cluster(Secondary));

            Assert.Empty(MirrorRun.Fired(checks));
            // A snapshot says nothing of whether its cluster still acts, nor of what it would mount now.
            Assert.Equal(
                ["KubeadmVersion", "PrimaryActivity", "SharedVolumes"],
                checks.Where(c => c.Status == MirrorStatus.Information).Select(c => c.Name)
            );
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [LabFact]
    public async Task A_primary_whose_front_end_is_dead_is_unknown_and_no_fail()
    {
        var primary = MirrorRun.Cluster(fixture.Lab.Primary) with { ServerAddress = $"{fixture.Lab.Primary.EndpointAddress}:1" };

        var checks = await MirrorRun.CheckAsync(primary, MirrorRun.Cluster(Secondary));

        Assert.Empty(MirrorRun.Fired(checks));
        Assert.Equal(MirrorStatus.Information, checks.Single(c => c.Name == "KubeApi").Status);
    }

    [LabFact]
    public Task A_missing_worker_fires_alone() =>
        WithoutWorkerAsync(async _ =>
        {
            var found = Assert.Single(MirrorRun.Only("WorkerNames", await CheckAsync()));
            Assert.Equal(("w1", "none"), (found.PrimaryValue, found.SecondaryValue));
        });

    [LabFact]
    public Task A_renamed_worker_fires_alone() =>
        WithoutWorkerAsync(
            async (api, node) =>
            {
                var renamed = (JsonObject)node.DeepClone();
                renamed["metadata"] = new JsonObject { ["name"] = "worker-1", ["labels"] = node["metadata"]!["labels"]!.DeepClone() };
                await api.CreateAsync("/api/v1/nodes", renamed);
                try
                {
                    Assert.Equal("worker-1", Assert.Single(MirrorRun.Only("WorkerNames", await CheckAsync())).SecondaryValue);
                }
                finally
                {
                    await api.DeleteAsync("/api/v1/nodes/worker-1");
                }
            }
        );

    [LabFact]
    public async Task An_address_as_endpoint_fires_alone()
    {
        var kubeconfig = Path.GetTempFileName();
        try
        {
            var text = await File.ReadAllTextAsync(Secondary.Kubeconfig);
            var cluster = MirrorRun.Cluster(Secondary);
            var server = new UriBuilder(cluster.Server) { Host = Secondary.EndpointAddress }.Uri;
            await File.WriteAllTextAsync(
                kubeconfig,
                Regex.Replace(
                    text,
                    @"(?m)^(\s*)server: .*$",
                    $"$1server: {server.GetLeftPart(UriPartial.Authority)}\n$1tls-server-name: {Secondary.EndpointHost}"
                )
            );
            var changed = cluster with { Kubeconfig = kubeconfig, Server = server, ServerAddress = null };

            MirrorRun.Only("EndpointName", await MirrorRun.CheckAsync(MirrorRun.Cluster(fixture.Lab.Primary), changed));
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    [LabFact]
    public Task An_endpoint_that_resolves_to_the_primary_fires_alone() =>
        WithEditAsync(
            "/etc/hosts",
            text => text.Replace(Secondary.EndpointAddress + " ", fixture.Lab.Primary.EndpointAddress + " ", StringComparison.Ordinal),
            async () => Assert.Equal("w1", Assert.Single(MirrorRun.Only("EndpointResolution", await CheckAsync())).Node)
        );

    [LabFact]
    public Task A_node_name_that_resolves_to_the_wrong_site_fires_alone() =>
        WithEditAsync(
            "/etc/hosts",
            text => text.Replace(Secondary["cp2"].Address + " cp2", fixture.Lab.Primary["cp2"].Address + " cp2", StringComparison.Ordinal),
            async () => Assert.Equal("w1", Assert.Single(MirrorRun.Only("NodeResolution", await CheckAsync())).Node)
        );

    [LabFact]
    public Task Dns_first_against_files_first_fires_alone() =>
        WithEditAsync(
            "/etc/nsswitch.conf",
            text => text.Replace("hosts: files dns", "hosts: dns files", StringComparison.Ordinal),
            async () => Assert.Equal("w1", Assert.Single(MirrorRun.Only("NameServiceOrder", await CheckAsync())).Node)
        );

    [LabFact]
    public async Task A_clock_thirty_seconds_off_fires_alone()
    {
        var node = Secondary["cp2"];
        await node.ShiftClockAsync(TimeSpan.FromSeconds(30));
        try
        {
            Assert.Equal("cp2", Assert.Single(MirrorRun.Only("Clock", await CheckAsync())).Node);
        }
        finally
        {
            await node.RightClockAsync();
        }
    }

    [LabFact]
    public async Task A_node_without_sudo_fires_alone()
    {
        await Worker.RunAsync("mv /etc/sudoers.d/opc /root/opc.sudoers");
        try
        {
            Assert.Equal("w1", Assert.Single(MirrorRun.Only("Sudo", await CheckAsync())).Node);
        }
        finally
        {
            await Worker.RunAsync("mv /root/opc.sudoers /etc/sudoers.d/opc");
        }
    }

    [LabFact]
    public async Task A_missing_storage_class_that_a_claim_uses_fires_alone()
    {
        using var api = fixture.Lab.Primary.ConnectApi();
        await api.CreateAsync(
            "/apis/storage.k8s.io/v1/storageclasses",
            Item("storage.k8s.io/v1", "StorageClass", "fast", new() { ["provisioner"] = "csi.lab.example" })
        );
        await api.CreateAsync(
            "/api/v1/namespaces/default/persistentvolumeclaims",
            Item(
                "v1",
                "PersistentVolumeClaim",
                "data",
                new()
                {
                    ["spec"] = new JsonObject { ["storageClassName"] = "fast", ["accessModes"] = new JsonArray("ReadWriteOnce") },
                }
            )
        );
        try
        {
            Assert.Equal(MirrorStatus.Fail, Assert.Single(MirrorRun.Only("StorageClasses", await CheckAsync())).Status);
        }
        finally
        {
            await api.DeleteAsync("/api/v1/namespaces/default/persistentvolumeclaims/data");
            await api.DeleteAsync("/apis/storage.k8s.io/v1/storageclasses/fast");
        }
    }

    [LabFact]
    public async Task An_unreachable_nfs_server_fires_alone()
    {
        using var api = fixture.Lab.Primary.ConnectApi();
        var server = Worker.Address;
        await api.CreateAsync(
            "/api/v1/persistentvolumes",
            Item(
                "v1",
                "PersistentVolume",
                "shared",
                new()
                {
                    ["spec"] = new JsonObject
                    {
                        ["nfs"] = new JsonObject { ["server"] = server, ["path"] = "/export" },
                    },
                }
            )
        );
        try
        {
            var found = MirrorRun.Only("NfsReach", await CheckAsync());
            Assert.Equal(Secondary.Nodes.Select(n => n.Name), found.Select(c => c.Node));
        }
        finally
        {
            await api.DeleteAsync("/api/v1/persistentvolumes/shared");
        }
    }

    [LabFact]
    public Task Half_the_memory_fires_alone() =>
        WithMemoryAsync(
            "4074000Ki",
            async () =>
                Assert.Contains("memory", Assert.Single(MirrorRun.Only("Capacity", await CheckAsync())).Message, StringComparison.Ordinal)
        );

    // Pods that want what the primary has and the halved secondary lacks.
    [LabFact]
    public Task Half_the_memory_for_pods_that_need_it_fails_alone_with_the_numbers() =>
        WithMemoryAsync(
            "4074000Ki",
            async () =>
            {
                using var api = fixture.Lab.Primary.ConnectApi();
                var pod = Item(
                    "v1",
                    "Pod",
                    "hungry",
                    new()
                    {
                        ["spec"] = new JsonObject
                        {
                            ["nodeName"] = "w1",
                            ["containers"] = new JsonArray(
                                new JsonObject
                                {
                                    ["name"] = "hungry",
                                    ["image"] = "registry.k8s.io/pause:3.10",
                                    ["resources"] = new JsonObject
                                    {
                                        ["requests"] = new JsonObject { ["memory"] = $"{await OfferedKiBAsync() + 1024}Ki" },
                                    },
                                }
                            ),
                        },
                    }
                );
                await api.CreateAsync("/api/v1/namespaces/default/pods", pod);
                try
                {
                    var found = Assert.Single(MirrorRun.Only("Capacity", await CheckAsync()));
                    Assert.Equal(MirrorStatus.Fail, found.Status);
                    Assert.Contains(
                        $"request {found.PrimaryValue} of memory, the secondary's nodes offer {found.SecondaryValue}",
                        found.Message,
                        StringComparison.Ordinal
                    );
                }
                finally
                {
                    await api.DeleteAsync("/api/v1/namespaces/default/pods/hungry");
                }
            }
        );

    [LabFact]
    public Task A_restore_is_refused_by_a_check_that_fails_unless_it_is_named() =>
        WithEditAsync(
            "/etc/hosts",
            text => text.Replace(Secondary.EndpointAddress + " ", fixture.Lab.Primary.EndpointAddress + " ", StringComparison.Ordinal),
            async () =>
            {
                var directory = Directory.CreateTempSubdirectory("etcddr-mirror-").FullName;
                try
                {
                    var (exitCode, output) = await ScriptProcess.RunAsync(
                        $$"""
                        Import-Module '{{Repository.Module}}/EtcdDr.psd1'
                        $WarningPreference = 'SilentlyContinue'; $InformationPreference = 'SilentlyContinue'
                        $snapshot = New-EtcdSnapshot -Cluster (Get-EtcdCluster primary) -Path '{{directory}}'
                        try { $snapshot | Restore-EtcdSnapshot -Cluster secondary -StageOnly -Confirm:$false -ErrorAction Stop; 'NO ERROR' }
                        catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
                        $plan = $snapshot | Restore-EtcdSnapshot -Cluster secondary -StageOnly -WhatIf -PassThru
                        $named = $snapshot | Restore-EtcdSnapshot -Cluster secondary -StageOnly -SkipCheck 'EndpointRes*' -WhatIf -PassThru
                        "Feasible: $($plan.Feasible) $($named.Feasible), found $($named.Findings.Check -join ' ')"
                        "Stages: $(@(Get-EtcdStage (Get-EtcdCluster secondary)).Count)"
                        """,
                        ("ETCDDR_PROFILE", fixture.Lab.ProfilePath)
                    );

                    Assert.True(exitCode == 0, output);
                    Assert.Contains("RestoreRefused", output, StringComparison.Ordinal);
                    Assert.Contains("[EndpointResolution]", output, StringComparison.Ordinal);
                    Assert.Contains("Feasible: False True, found EndpointResolution", output, StringComparison.Ordinal);
                    Assert.Contains("Stages: 0", output, StringComparison.Ordinal);
                }
                finally
                {
                    Directory.Delete(directory, recursive: true);
                }
            }
        );

    private async Task<long> OfferedKiBAsync()
    {
        using var api = Secondary.ConnectApi();
        var nodes = (await api.GetAsync("/api/v1/nodes"))!["items"]!.AsArray();
        return nodes.Sum(n =>
            long.Parse(
                n!["status"]!["allocatable"]!["memory"]!.GetValue<string>().Replace("Ki", "", StringComparison.Ordinal),
                System.Globalization.CultureInfo.InvariantCulture
            )
        );
    }

    private static JsonObject Item(string apiVersion, string kind, string name, JsonObject content)
    {
        content["apiVersion"] = apiVersion;
        content["kind"] = kind;
        content["metadata"] = new JsonObject { ["name"] = name };
        return content;
    }

    private Task<IReadOnlyList<MirrorCheck>> CheckAsync() =>
        MirrorRun.CheckAsync(MirrorRun.Cluster(fixture.Lab.Primary), MirrorRun.Cluster(Secondary));

    private async Task WithEditAsync(string path, Func<string, string> change, Func<Task> test)
    {
        var text = await File.ReadAllTextAsync(Worker.PathOf(path));
        await File.WriteAllTextAsync(Worker.PathOf(path), change(text));
        try
        {
            await test();
        }
        finally
        {
            await File.WriteAllTextAsync(Worker.PathOf(path), text);
        }
    }

    private Task WithoutWorkerAsync(Func<LabApi, Task> test) => WithoutWorkerAsync((api, _) => test(api));

    // The kubelet would register the node again.
    private async Task WithoutWorkerAsync(Func<LabApi, JsonObject, Task> test)
    {
        using var api = Secondary.ConnectApi();
        var node = (await api.GetAsync("/api/v1/nodes/w1"))!;
        await Worker.RunAsync("systemctl stop kubelet");
        await api.DeleteAsync("/api/v1/nodes/w1");
        try
        {
            await test(api, node);
        }
        finally
        {
            await Worker.RunAsync("systemctl start kubelet");
            await api.WaitAsync("Node w1 registering again", async one => await one.GetAsync("/api/v1/nodes/w1") is not null, Limit);
        }
    }

    private async Task WithMemoryAsync(string memory, Func<Task> test)
    {
        using var api = Secondary.ConnectApi();
        var before = (await api.GetAsync("/api/v1/nodes/w1"))!["status"]!["allocatable"]!["memory"]!.GetValue<string>();
        try
        {
            await WithEditAsync(
                "/etc/lab/node.json",
                text =>
                {
                    var settings = JsonNode.Parse(text)!;
                    settings["allocatable"] = new JsonObject { ["memory"] = memory };
                    return settings.ToJsonString();
                },
                async () =>
                {
                    await ShowsAsync(api, memory);
                    await test();
                }
            );
        }
        finally
        {
            await ShowsAsync(api, before);
        }
    }

    private async Task ShowsAsync(LabApi api, string memory)
    {
        await Worker.RunAsync("systemctl restart kubelet");
        await api.WaitAsync(
            $"Node w1 offering {memory}",
            async one => (await one.GetAsync("/api/v1/nodes/w1"))!["status"]!["allocatable"]!["memory"]!.GetValue<string>() == memory,
            Limit
        );
    }
}
