using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>Looks for what is not ready.</summary>
internal static class Readiness
{
    private const int EventsPerObject = 2;

    /// <summary>Everything that is not ready now.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="nodes">Its nodes.</param>
    /// <param name="since">A node's readiness counts only if its kubelet said so after this time: restored objects hold old words.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public static async Task<IReadOnlyList<RestoreNotReady>> LookAsync(KubeApi api, IReadOnlyList<ClusterNode> nodes, DateTime since, CancellationToken cancellationToken)
    {
        var left = new List<RestoreNotReady>();
        await AddNodesAsync(api, nodes, since, left, cancellationToken);
        foreach (var plural in Workloads.Plurals)
        {
            await foreach (var item in api.ListAsync($"/apis/apps/v1/{plural}", cancellationToken: cancellationToken))
            {
                var workload = Workload.From(plural, item);
                if (workload is { NotReady: { } why, Paused: false, RollsByItself: true })
                {
                    left.Add(new RestoreNotReady(workload.Kind, workload.Namespace, workload.Name, why));
                }
            }
        }

        await foreach (var item in api.ListAsync("/api/v1/pods", cancellationToken: cancellationToken))
        {
            var pod = PodState.From(item);
            if (!pod.IsReady && !pod.IsDone && !pod.IsOwnedByJob)
            {
                left.Add(new RestoreNotReady("Pod", pod.Namespace, pod.Name, $"{pod.Status}, {pod.ReadyContainers} of {pod.Containers} containers ready"));
            }
        }

        return left;
    }

    /// <summary>The same, each with what its newest warnings say.</summary>
    public static async Task<IReadOnlyList<RestoreNotReady>> WithEventsAsync(KubeApi api, IReadOnlyList<RestoreNotReady> left, CancellationToken cancellationToken)
    {
        var events = new Dictionary<(string Kind, string? Namespace, string Name), List<(string When, string What)>>();
        await foreach (var item in api.ListAsync("/api/v1/events", fieldSelector: "type=Warning", cancellationToken: cancellationToken))
        {
            var about = item["involvedObject"];
            var key = ((string?)about?["kind"] ?? string.Empty, (string?)about?["namespace"], (string?)about?["name"] ?? string.Empty);
            var when = (string?)item["lastTimestamp"] ?? (string?)item["eventTime"] ?? string.Empty;
            if (!events.TryGetValue(key, out var list))
            {
                events[key] = list = [];
            }

            list.Add((when, $"{(string?)item["reason"]}: {(string?)item["message"]}"));
        }

        return left.Select(l => events.TryGetValue((l.Kind, l.Namespace, l.Name), out var list)
            ? l with { Reason = $"{l.Reason}; {string.Join("; ", list.OrderByDescending(e => e.When, StringComparer.Ordinal).Take(EventsPerObject).Select(e => e.What))}" }
            : l).ToList();
    }

    private static async Task AddNodesAsync(KubeApi api, IReadOnlyList<ClusterNode> nodes, DateTime since, List<RestoreNotReady> left, CancellationToken cancellationToken)
    {
        var missing = nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var renewed = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await foreach (var lease in api.ListAsync("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", cancellationToken: cancellationToken))
        {
            renewed[(string)lease["metadata"]!["name"]!] = Time(lease["spec"]?["renewTime"]);
        }

        await foreach (var item in api.ListAsync("/api/v1/nodes", cancellationToken: cancellationToken))
        {
            var name = (string)item["metadata"]!["name"]!;
            missing.Remove(name);
            if (NodeReason(item, renewed.GetValueOrDefault(name), since) is { } why)
            {
                left.Add(new RestoreNotReady("Node", null, name, why));
            }
        }

        left.AddRange(missing.Select(name => new RestoreNotReady("Node", null, name, "the restored state does not know it; its kubelet has not registered yet")));
    }

    // A kubelet says that it lives by its lease every ten seconds, by the node's status at a change or every five minutes.
    private static string? NodeReason(JsonObject node, DateTime renewed, DateTime since)
    {
        var ready = (node["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(c => (string?)c?["type"] == "Ready");
        if ((string?)ready?["status"] != "True")
        {
            return (string?)ready?["message"] ?? "its kubelet does not report";
        }

        var heard = Time(ready["lastHeartbeatTime"]);

        // Heartbeats carry whole seconds.
        return (heard > renewed ? heard : renewed) >= since.AddSeconds(-1) ? null : "its kubelet has not reported since the restore";
    }

    private static DateTime Time(JsonNode? value) => DateTime.TryParse(
        (string?)value,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
        out var time) ? time : DateTime.MinValue;
}
