using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Looks for what is not ready. What was not ready in the restored state itself is no failure of the restore; pods whose controller counts
/// them are judged by their controller. A node's own clock says whether its kubelet has reported since, and where that is not known, that
/// it has reported once more.
/// </summary>
/// <param name="api">The API.</param>
/// <param name="nodes">The nodes that are to be ready.</param>
/// <param name="lost">Nodes that were given up: neither they nor what only they could run is waited for.</param>
internal sealed class Readiness(KubeApi api, IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> lost)
{
    private const int EventsPerObject = 2;

    // Restarts of objects hold whole seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, DateTime> _firstHeard = new(StringComparer.Ordinal);
    private HashSet<string> _before = [];

    /// <summary>When each kubelet was restarted, by its node's own clock.</summary>
    public ConcurrentDictionary<string, DateTime> Restarted { get; } = new(StringComparer.Ordinal);

    /// <summary>Remembers what is not ready in the restored state, before controllers have gone over it.</summary>
    public async Task RememberAsync(CancellationToken cancellationToken)
    {
        var left = new List<RestoreNotReady>();
        await AddNodesAsync([], cancellationToken);
        await AddObjectsAsync(left, ofTheState: true, cancellationToken);
        _before = left.Select(Key).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>How many objects were not ready in the restored state itself.</summary>
    public int Remembered => _before.Count;

    /// <summary>Everything that is not ready now and should be.</summary>
    public async Task<IReadOnlyList<RestoreNotReady>> LookAsync(CancellationToken cancellationToken)
    {
        var left = new List<RestoreNotReady>();
        await AddNodesAsync(left, cancellationToken);
        await AddObjectsAsync(left, ofTheState: false, cancellationToken);
        left.RemoveAll(l => l.Kind != "Node" && _before.Contains(Key(l)));
        return left;
    }

    /// <summary>How long to wait before the next look: most of the time nobody is asked, however large the cluster is.</summary>
    /// <param name="took">How long the last look took.</param>
    public static TimeSpan Pause(TimeSpan took) => TimeSpan.FromTicks(Math.Clamp(4 * took.Ticks, Shortest.Ticks, Longest.Ticks));

    /// <summary>Whether a kubelet has reported since its node's state was restored.</summary>
    /// <param name="heard">When it reported last, by its own clock.</param>
    /// <param name="restarted">When it was restarted, by the same clock; null where that is not known.</param>
    /// <param name="firstHeard">When it had reported last as this was looked at first.</param>
    internal static bool HasReported(DateTime heard, DateTime? restarted, DateTime firstHeard) =>
        restarted is { } since ? heard >= since - Rounding : heard != firstHeard;

    private static string Key(RestoreNotReady item) => $"{item.Kind}/{item.Namespace}/{item.Name}";

    /// <summary>Whether a pod is one that is not ready and should be.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="ofTheState">
    /// Whether it is asked what was not ready in the restored state. Mirror pods are no part of that: they tell of the static pods of these
    /// nodes, which are just being started then.
    /// </param>
    internal static bool Counts(PodState pod, bool ofTheState) =>
        pod is { IsReady: false, IsDone: false, IsOwnedByJob: false, IsOwnedByWorkload: false } && !(ofTheState && pod.IsMirror);

    private async Task AddObjectsAsync(List<RestoreNotReady> left, bool ofTheState, CancellationToken cancellationToken)
    {
        foreach (var plural in Workloads.Plurals)
        {
            await foreach (var item in api.ListAsync($"/apis/apps/v1/{plural}", cancellationToken: cancellationToken))
            {
                var workload = Workload.From(plural, item, lost.Count);
                if (workload is { NotReady: { } why, Paused: false, RollsByItself: true })
                {
                    left.Add(new RestoreNotReady(workload.Kind, workload.Namespace, workload.Name, why));
                }
            }
        }

        await foreach (var item in api.ListAsync("/api/v1/pods", cancellationToken: cancellationToken))
        {
            var pod = PodState.From(item);
            if (Counts(pod, ofTheState) && !(pod.Node is { } node && lost.Contains(node)))
            {
                left.Add(
                    new RestoreNotReady(
                        "Pod",
                        pod.Namespace,
                        pod.Name,
                        $"{pod.Status}, {pod.ReadyContainers} of {pod.Containers} containers ready"
                    )
                );
            }
        }
    }

    /// <summary>The same, each with what its newest warnings say.</summary>
    public async Task<IReadOnlyList<RestoreNotReady>> WithEventsAsync(
        IReadOnlyList<RestoreNotReady> left,
        CancellationToken cancellationToken
    )
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

        return left.Select(l =>
                events.TryGetValue((l.Kind, l.Namespace, l.Name), out var list)
                    ? l with
                    {
                        Reason = $"{l.Reason}; {string.Join("; ", Newest(list))}",
                    }
                    : l
            )
            .ToList();
    }

    private static IEnumerable<string> Newest(List<(string When, string What)> events) =>
        events.OrderByDescending(e => e.When, StringComparer.Ordinal).Take(EventsPerObject).Select(e => e.What);

    private async Task AddNodesAsync(List<RestoreNotReady> left, CancellationToken cancellationToken)
    {
        var missing = nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var renewed = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await foreach (
            var lease in api.ListAsync(
                "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
                cancellationToken: cancellationToken
            )
        )
        {
            renewed[(string)lease["metadata"]!["name"]!] = Time(lease["spec"]?["renewTime"]);
        }

        await foreach (var item in api.ListAsync("/api/v1/nodes", cancellationToken: cancellationToken))
        {
            var name = (string)item["metadata"]!["name"]!;
            missing.Remove(name);
            if (!lost.Contains(name) && NodeReason(name, item, renewed.GetValueOrDefault(name)) is { } why)
            {
                left.Add(new RestoreNotReady("Node", null, name, why));
            }
        }

        left.AddRange(
            missing.Select(name => new RestoreNotReady(
                "Node",
                null,
                name,
                "the restored state does not know it; its kubelet has not registered yet"
            ))
        );
    }

    // A kubelet says that it lives by its lease every ten seconds, by the node's status at a change or every five minutes.
    private string? NodeReason(string name, JsonObject node, DateTime renewed)
    {
        var ready = (node["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(c => (string?)c?["type"] == "Ready");
        if ((string?)ready?["status"] != "True")
        {
            return (string?)ready?["message"] ?? "its kubelet does not report";
        }

        var beat = Time(ready["lastHeartbeatTime"]);
        var heard = beat > renewed ? beat : renewed;
        _firstHeard.TryAdd(name, heard);
        return HasReported(heard, Restarted.TryGetValue(name, out var restarted) ? restarted : null, _firstHeard[name])
            ? null
            : "its kubelet has not reported since the restore";
    }

    private static DateTime Time(JsonNode? value) =>
        DateTime.TryParse(
            (string?)value,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : DateTime.MinValue;
}
