using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>Binds pods to the node that has the fewest, among those that taints and selectors allow. Resources are not counted.</summary>
internal sealed class SchedulerLoop : ReconcileLoop
{
    private readonly Reflector nodes;
    private readonly Reflector pods;

    public SchedulerLoop(ApiClient api)
        : base(api, TimeSpan.FromSeconds(30)) => (nodes, pods) = (Watch("/api/v1/nodes"), Watch("/api/v1/pods"));

    protected override async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var counts = pods.Items.Values.GroupBy(p => p.Text("spec", "nodeName") ?? "").ToDictionary(g => g.Key, g => g.Count());
        foreach (var pod in pods.Items.Values.Where(p => string.IsNullOrEmpty(p.Text("spec", "nodeName")) && Active(p)).ToArray())
        {
            var spec = pod.Make("spec");
            var named = Tolerations.NamedNode(spec);
            var node = nodes
                .Items.Values.Where(n => named is null ? Tolerations.Fits(spec, n, daemon: false) : n.Name() == named)
                .OrderBy(n => counts.GetValueOrDefault(n.Name()))
                .ThenBy(n => n.Name(), StringComparer.Ordinal)
                .FirstOrDefault();
            var path = $"/api/v1/namespaces/{pod.Namespace()}/pods/{pod.Name()}";
            await TryAsync(
                $"schedule {pod.Namespace()}/{pod.Name()}",
                () => node is null ? RefuseAsync(path, pod, cancellationToken) : BindAsync(path, pod, node, cancellationToken)
            );
            if (node is not null)
                counts[node.Name()] = counts.GetValueOrDefault(node.Name()) + 1;
        }
    }

    private async Task BindAsync(string path, JsonObject pod, JsonObject node, CancellationToken cancellationToken)
    {
        await Api.CreateAsync(
            $"{path}/binding",
            new JsonObject
            {
                ["kind"] = "Binding",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject { ["name"] = pod.Name() },
                ["target"] = new JsonObject
                {
                    ["kind"] = "Node",
                    ["apiVersion"] = "v1",
                    ["name"] = node.Name(),
                },
            },
            cancellationToken
        );
        pod.Make("spec")["nodeName"] = node.Name();
    }

    private Task RefuseAsync(string path, JsonObject pod, CancellationToken cancellationToken)
    {
        var copy = new JsonObject { ["status"] = pod.At("status")?.DeepClone() };
        Conditions.Set(
            copy,
            "PodScheduled",
            "False",
            "Unschedulable",
            $"0/{nodes.Items.Count} nodes are available: no node that the pod's selector and tolerations allow."
        );
        return ReportAsync(path, pod, new JsonObject { ["conditions"] = copy.At("status", "conditions")!.DeepClone() }, cancellationToken);
    }
}
