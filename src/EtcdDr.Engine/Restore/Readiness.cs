using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Knows what is not ready, by watches: each collection is listed once, however long the cluster is waited for. What was not ready in the
/// restored state itself is no failure of the restore; pods whose controller counts them are judged by their controller. A node's own clock
/// says whether its kubelet has reported since, and where that is not known, that it has reported once more.
/// </summary>
internal sealed class Readiness : IAsyncDisposable
{
    private const int EventsPerObject = 2;

    // Restarts of objects hold whole seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private readonly KubeApi _api;
    private readonly IReadOnlyList<ClusterNode> _nodes;
    private readonly IReadOnlySet<string> _lost;
    private readonly TimeProvider _time;
    private readonly WatchedObjects<NodeSeen> _nodesSeen;
    private readonly WatchedObjects<NodeLease> _leases;
    private readonly IReadOnlyList<(string Plural, WatchedObjects<Workload> Watched)> _workloads;
    private readonly WatchedObjects<PodState> _pods;
    private readonly Dictionary<string, DateTime> _firstHeard = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly Changes _changes;
    private HashSet<string> _before = [];

    /// <summary>Prepares it.</summary>
    /// <param name="api">The API.</param>
    /// <param name="nodes">The nodes that are to be ready.</param>
    /// <param name="lost">Nodes that were given up: neither they nor what only they could run is waited for.</param>
    /// <param name="time">The clock.</param>
    public Readiness(KubeApi api, IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> lost, TimeProvider time)
    {
        (_api, _nodes, _lost, _time, _changes) = (api, nodes, lost, time, new Changes(time));
        _nodesSeen = new WatchedObjects<NodeSeen>(api, "/api/v1/nodes", NodeSeen.From, _changes.Tell);
        _leases = new WatchedObjects<NodeLease>(
            api,
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
            lease => new NodeLease((string)lease["metadata"]!["name"]!, NodeSeen.Time(lease["spec"]?["renewTime"])),
            _changes.Tell
        );
        _workloads =
        [
            .. Workloads.Plurals.Select(plural =>
                (
                    plural,
                    new WatchedObjects<Workload>(
                        api,
                        $"/apis/apps/v1/{plural}",
                        item => Workload.From(plural, item, lost.Count),
                        _changes.Tell
                    )
                )
            ),
        ];
        _pods = new WatchedObjects<PodState>(
            api,
            "/api/v1/pods",
            item => PodState.From(item) is var pod && Counts(pod, ofTheState: false) && !IsLost(pod.Node) ? pod : null,
            _changes.Tell
        );
    }

    /// <summary>When each kubelet was restarted, by its node's own clock.</summary>
    public ConcurrentDictionary<string, DateTime> Restarted { get; } = new(StringComparer.Ordinal);

    /// <summary>How many objects were not ready in the restored state itself.</summary>
    public int Remembered => _before.Count;

    /// <summary>Begins to watch.</summary>
    public void Start()
    {
        _nodesSeen.Start(_time);
        _leases.Start(_time);
        _pods.Start(_time);
        foreach (var (_, watched) in _workloads)
        {
            watched.Start(_time);
        }
    }

    /// <summary>Remembers what is not ready in the restored state, as it was before controllers have gone over it.</summary>
    /// <exception cref="EtcdDrException">The state cannot be read.</exception>
    public async Task RememberAsync(CancellationToken cancellationToken)
    {
        var left = new List<RestoreNotReady>();
        foreach (var (_, watched) in _workloads)
        {
            left.AddRange((await watched.FirstAsync(_time, cancellationToken)).Select(NotRolled).OfType<RestoreNotReady>());
        }

        left.AddRange((await _pods.FirstAsync(_time, cancellationToken)).Where(p => Counts(p, ofTheState: true)).Select(NotReady));
        _before = left.Select(Key).ToHashSet(StringComparer.Ordinal);
        await _nodesSeen.FirstAsync(_time, cancellationToken);
        await _leases.FirstAsync(_time, cancellationToken);
        AddNodes([]);
    }

    /// <summary>The workloads.</summary>
    /// <exception cref="EtcdDrException">They cannot be read.</exception>
    public async Task<IReadOnlyList<Workload>> WorkloadsAsync(CancellationToken cancellationToken)
    {
        var all = new List<Workload>();
        foreach (var (_, watched) in _workloads)
        {
            await watched.FirstAsync(_time, cancellationToken);
            all.AddRange(watched.Items);
        }

        return all;
    }

    /// <summary>Waits until all has been looked through once.</summary>
    /// <exception cref="EtcdDrException">Something cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await WorkloadsAsync(cancellationToken);
        await _pods.FirstAsync(_time, cancellationToken);
        await _nodesSeen.FirstAsync(_time, cancellationToken);
        await _leases.FirstAsync(_time, cancellationToken);
    }

    /// <summary>Everything that is not ready now and should be, and what cannot be watched now.</summary>
    public IReadOnlyList<RestoreNotReady> Look()
    {
        var left = new List<RestoreNotReady>();
        AddNodes(left);
        left.AddRange(_workloads.SelectMany(w => w.Watched.Items).Select(NotRolled).OfType<RestoreNotReady>());
        left.AddRange(_pods.Items.Select(NotReady));
        left.RemoveAll(l => l.Kind != "Node" && _before.Contains(Key(l)));
        EtcdDrException?[] failures = [.. _workloads.Select(w => w.Watched.Failure), _pods.Failure, _nodesSeen.Failure];
        left.AddRange(
            failures.OfType<EtcdDrException>().Take(1).Select(f => new RestoreNotReady("Step", null, StepNames.WaitReady, f.Message))
        );
        return left;
    }

    /// <summary>Waits for a change.</summary>
    /// <param name="limit">How long at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task ChangeAsync(TimeSpan limit, CancellationToken cancellationToken) => _changes.NextAsync(limit, cancellationToken);

    /// <summary>Waits for workloads that were told to roll. What was not ready in the restored state itself is not waited for.</summary>
    /// <param name="rolled">The workloads, each with the generation that the API gave it.</param>
    /// <param name="until">When waiting ends.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Those that are not rolled out.</returns>
    public async Task<IReadOnlyList<RolledWorkload>> WaitForAsync(
        IReadOnlyCollection<RolledWorkload> rolled,
        DateTimeOffset until,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            IReadOnlyList<RolledWorkload> left = [.. rolled.Where(r => !IsRolledOut(r))];
            var rest = until - _time.GetUtcNow();
            if (left.Count == 0 || rest <= TimeSpan.Zero)
            {
                return left;
            }

            await ChangeAsync(rest, cancellationToken);
        }
    }

    /// <summary>
    /// Whether a workload that was told to roll is rolled out, or is gone, or was not ready in the restored state itself.
    /// </summary>
    public bool IsRolledOut(RolledWorkload rolled)
    {
        var (workload, generation) = rolled;
        if (_before.Contains(Key(workload.Kind, workload.Namespace, workload.Name)))
        {
            return true;
        }

        var watched = _workloads.First(w => Workload.KindOf(w.Plural) == workload.Kind).Watched;
        return watched.Find(workload.Namespace, workload.Name) is not { } seen || (seen.Generation >= generation && seen.NotReady is null);
    }

    /// <summary>The same, each with what its newest warnings say.</summary>
    public async Task<IReadOnlyList<RestoreNotReady>> WithEventsAsync(
        IReadOnlyList<RestoreNotReady> left,
        CancellationToken cancellationToken
    )
    {
        var events = new Dictionary<(string Kind, string? Namespace, string Name), List<(string When, string What)>>();
        await foreach (var item in _api.ListAsync("/api/v1/events", fieldSelector: "type=Warning", cancellationToken: cancellationToken))
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

        return
        [
            .. left.Select(l =>
                events.TryGetValue((l.Kind, l.Namespace, l.Name), out var list) ? l with { Reason = $"{l.Reason}; {Newest(list)}" } : l
            ),
        ];

        static string Newest(IEnumerable<(string When, string What)> list) =>
            string.Join("; ", list.OrderByDescending(e => e.When, StringComparer.Ordinal).Take(EventsPerObject).Select(e => e.What));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _nodesSeen.DisposeAsync();
        await _leases.DisposeAsync();
        await _pods.DisposeAsync();
        foreach (var (_, watched) in _workloads)
        {
            await watched.DisposeAsync();
        }
    }

    /// <summary>Whether a kubelet has reported since its node's state was restored.</summary>
    /// <param name="heard">When it reported last, by its own clock.</param>
    /// <param name="restarted">When it was restarted, by the same clock; null where that is not known.</param>
    /// <param name="firstHeard">When it had reported last as this was looked at first.</param>
    internal static bool HasReported(DateTime heard, DateTime? restarted, DateTime firstHeard) =>
        restarted is { } since ? heard >= since - Rounding : heard != firstHeard;

    /// <summary>Whether a pod is one that is not ready and should be.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="ofTheState">
    /// Whether it is asked what was not ready in the restored state. Mirror pods are no part of that: they tell of the static pods of these
    /// nodes, which are just being started then.
    /// </param>
    internal static bool Counts(PodState pod, bool ofTheState) =>
        pod is { IsReady: false, IsDone: false, IsOwnedByJob: false, IsOwnedByWorkload: false } && !(ofTheState && pod.IsMirror);

    private static string Key(RestoreNotReady item) => Key(item.Kind, item.Namespace, item.Name);

    private static string Key(string kind, string? space, string name) => $"{kind}/{space}/{name}";

    private static RestoreNotReady? NotRolled(Workload workload) =>
        workload is { NotReady: { } why, Paused: false, RollsByItself: true }
            ? new RestoreNotReady(workload.Kind, workload.Namespace, workload.Name, why)
            : null;

    private static RestoreNotReady NotReady(PodState pod) =>
        new("Pod", pod.Namespace, pod.Name, $"{pod.Status}, {pod.ReadyContainers} of {pod.Containers} containers ready");

    private bool IsLost(string? node) => node is not null && _lost.Contains(node);

    private void AddNodes(List<RestoreNotReady> left)
    {
        List<NodeSeen> seen = [.. _nodesSeen.Items.Where(n => !IsLost(n.Name))];
        left.AddRange(
            seen.Select(n => (n.Name, Why: Reason(n)))
                .Where(n => n.Why is not null)
                .Select(n => new RestoreNotReady("Node", null, n.Name, n.Why!))
        );
        left.AddRange(
            _nodes
                .Select(n => n.Name)
                .Except(seen.Select(n => n.Name), StringComparer.Ordinal)
                .Select(name => new RestoreNotReady(
                    "Node",
                    null,
                    name,
                    "the restored state does not know it; its kubelet has not registered yet"
                ))
        );

        // A lease changes every ten seconds on every node; once all have reported they say nothing new.
        if (_reported.Count > 0 && seen.All(n => _reported.Contains(n.Name)))
        {
            _ = _leases.StopAsync();
        }
    }

    // A kubelet says that it lives by its lease every ten seconds, by the node's status at a change or every five minutes.
    private string? Reason(NodeSeen node)
    {
        if (node.NotReady is not null)
        {
            return node.NotReady;
        }

        if (_reported.Contains(node.Name))
        {
            return null;
        }

        var renewed = _leases.Find("kube-node-lease", node.Name)?.Renewed ?? DateTime.MinValue;
        var heard = node.Beat > renewed ? node.Beat : renewed;
        _firstHeard.TryAdd(node.Name, heard);
        if (!HasReported(heard, Restarted.TryGetValue(node.Name, out var restarted) ? restarted : null, _firstHeard[node.Name]))
        {
            return "its kubelet has not reported since the restore";
        }

        _reported.Add(node.Name);
        return null;
    }

    private sealed record NodeLease(string Name, DateTime Renewed);

    private sealed record NodeSeen(string Name, string? NotReady, DateTime Beat)
    {
        public static NodeSeen From(JsonObject node)
        {
            var ready = (node["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(c => (string?)c?["type"] == "Ready");
            return new NodeSeen(
                (string)node["metadata"]!["name"]!,
                (string?)ready?["status"] == "True" ? null : (string?)ready?["message"] ?? "its kubelet does not report",
                Time(ready?["lastHeartbeatTime"])
            );
        }

        public static DateTime Time(JsonNode? value) =>
            DateTime.TryParse(
                (string?)value,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out var time
            )
                ? time
                : DateTime.MinValue;
    }
}
