using System.Text.Json.Nodes;
using EtcdDr.Lab.ApiServer;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>The controllers that a restore is judged by: nodes, workloads, pods without a node, namespaces and their root CA.</summary>
internal sealed class ControllerLoop : ReconcileLoop
{
    private static readonly TimeSpan NodeGrace = TimeSpan.FromSeconds(50);
    private readonly Reflector nodes;
    private readonly Reflector nodeLeases;
    private readonly Reflector namespaces;
    private readonly Reflector rootCertificates;
    private readonly Reflector accounts;
    private readonly Workloads workloads;
    private readonly string rootCertificate;
    private readonly string clusterCidr;
    private readonly Dictionary<string, (string Renewed, DateTimeOffset SeenAt)> heartbeats = [];
    private readonly Dictionary<string, DateTimeOffset> missingNodes = [];

    public ControllerLoop(ApiClient api, ApiServerFlags flags)
        : base(api, TimeSpan.FromSeconds(5))
    {
        rootCertificate = File.ReadAllText(flags.Required("root-ca-file"));
        clusterCidr = flags["cluster-cidr"] ?? "10.244.0.0/16";
        nodes = Watch("/api/v1/nodes");
        nodeLeases = Watch("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases");
        namespaces = Watch("/api/v1/namespaces");
        rootCertificates = Watch("/api/v1/configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt");
        accounts = Watch("/api/v1/serviceaccounts?fieldSelector=metadata.name%3Ddefault");
        workloads = new Workloads(
            api,
            nodes,
            Watch("/api/v1/pods"),
            Watch("/apis/apps/v1/deployments"),
            Watch("/apis/apps/v1/replicasets"),
            Watch("/apis/apps/v1/statefulsets"),
            Watch("/apis/apps/v1/daemonsets")
        );
    }

    protected override async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        foreach (var node in nodes.Items.Values.ToArray())
            await TryAsync($"node {node.Name()}", () => SyncNodeAsync(node, cancellationToken));
        foreach (var ns in namespaces.Items.Values.ToArray())
            await TryAsync($"namespace {ns.Name()}", () => SyncNamespaceAsync(ns, cancellationToken));
        await CollectPodsAsync(cancellationToken);
        await workloads.SyncAsync((what, step) => TryAsync(what, step), cancellationToken);
    }

    private async Task SyncNodeAsync(JsonObject node, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/nodes/{node.Name()}";
        if (node.Text("spec", "podCIDR") is null)
            await AssignRangeAsync(path, node, cancellationToken);
        var renewed = nodeLeases.Items.GetValueOrDefault($"kube-node-lease/{node.Name()}").Text("spec", "renewTime") ?? "";
        if (!heartbeats.TryGetValue(node.Name(), out var beat) || beat.Renewed != renewed)
            heartbeats[node.Name()] = beat = (renewed, DateTimeOffset.UtcNow);
        var lost = DateTimeOffset.UtcNow - beat.SeenAt > NodeGrace;
        if (lost && Conditions.Status(node, "Ready") != "Unknown")
        {
            var copy = new JsonObject { ["status"] = node.At("status")?.DeepClone() };
            foreach (var type in (string[])["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"])
                Conditions.Set(copy, type, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.");
            await ReportAsync(
                path,
                node,
                new JsonObject { ["conditions"] = copy.At("status", "conditions")!.DeepClone() },
                cancellationToken
            );
            await workloads.MarkNotReadyAsync(node.Name(), cancellationToken);
        }

        await SyncTaintsAsync(path, node, Conditions.Status(node, "Ready") ?? "Unknown", cancellationToken);
    }

    private async Task SyncTaintsAsync(string path, JsonObject node, string ready, CancellationToken cancellationToken)
    {
        var key = ready switch
        {
            "True" => null,
            "Unknown" => "node.kubernetes.io/unreachable",
            _ => "node.kubernetes.io/not-ready",
        };
        var kept = node.Items("spec", "taints")
            .Where(t => t.Text("key") is not ("node.kubernetes.io/unreachable" or "node.kubernetes.io/not-ready"))
            .Select(t => (JsonNode?)t.DeepClone())
            .ToList();
        foreach (var effect in key is null ? [] : (string[])["NoSchedule", "NoExecute"])
            kept.Add(new JsonObject { ["key"] = key, ["effect"] = effect });
        var wanted = new JsonArray([.. kept]);
        if (JsonNode.DeepEquals(wanted, node.At("spec", "taints") ?? new JsonArray()))
            return;
        await Api.MergeAsync(path, new JsonObject { ["spec"] = new JsonObject { ["taints"] = wanted } }, cancellationToken);
        node.Make("spec")["taints"] = wanted.DeepClone();
    }

    private async Task AssignRangeAsync(string path, JsonObject node, CancellationToken cancellationToken)
    {
        var used = nodes.Items.Values.Select(n => n.Text("spec", "podCIDR")).ToHashSet();
        var parts = clusterCidr.Split('/')[0].Split('.');
        var free = Enumerable.Range(0, 256).Select(i => $"{parts[0]}.{parts[1]}.{i}.0/24").First(c => !used.Contains(c));
        await Api.MergeAsync(
            path,
            new JsonObject
            {
                ["spec"] = new JsonObject { ["podCIDR"] = free, ["podCIDRs"] = new JsonArray(free) },
            },
            cancellationToken
        );
        node.Make("spec")["podCIDR"] = free;
    }

    private async Task SyncNamespaceAsync(JsonObject ns, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{ns.Name()}";
        if (ns.At("metadata", "deletionTimestamp") is not null)
        {
            await EmptyAsync(path, ns, cancellationToken);
            return;
        }

        var current = rootCertificates.Items.GetValueOrDefault($"{ns.Name()}/kube-root-ca.crt");
        var map = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "kube-root-ca.crt",
                ["annotations"] = new JsonObject
                {
                    ["kubernetes.io/description"] =
                        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
                        + "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
                        + "Kubernetes clusters.",
                },
            },
            ["data"] = new JsonObject { ["ca.crt"] = rootCertificate },
        };
        if (current is null)
            await Api.CreateAsync($"{path}/configmaps", map, cancellationToken);
        else if (current.Text("data", "ca.crt") != rootCertificate)
            await Api.MergeAsync(
                $"{path}/configmaps/kube-root-ca.crt",
                new JsonObject { ["data"] = map.At("data")!.DeepClone() },
                cancellationToken
            );
        if (!accounts.Items.ContainsKey($"{ns.Name()}/default"))
            await Api.CreateAsync(
                $"{path}/serviceaccounts",
                new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } },
                cancellationToken
            );
    }

    private async Task EmptyAsync(string path, JsonObject ns, CancellationToken cancellationToken)
    {
        foreach (var resource in Resources.BuiltIn.Where(r => r.Namespaced))
        {
            var below = resource.Group.Length == 0 ? path : $"/apis/{resource.ApiVersion}/namespaces/{ns.Name()}";
            await Api.DeleteAsync($"{below}/{resource.Plural}", null, cancellationToken);
        }

        if (workloads.HasPods(ns.Name()))
            return;
        var done = ns.Copy();
        done.Make("spec")["finalizers"] = new JsonArray();
        await Api.ReplaceAsync($"{path}/finalize", done, cancellationToken);
    }

    /// <summary>Pods whose node is gone go too, after the real one's quarantine of 40 s.</summary>
    private async Task CollectPodsAsync(CancellationToken cancellationToken)
    {
        foreach (var name in workloads.NodeNames().Where(n => !nodes.Items.ContainsKey("/" + n)).ToArray())
        {
            if (missingNodes.TryAdd(name, DateTimeOffset.UtcNow) || DateTimeOffset.UtcNow - missingNodes[name] < TimeSpan.FromSeconds(40))
                continue;
            await TryAsync($"pods of {name}", () => workloads.RemovePodsOfAsync(name, cancellationToken));
        }

        foreach (var back in missingNodes.Keys.Where(n => nodes.Items.ContainsKey("/" + n)).ToArray())
            missingNodes.Remove(back);
    }
}
