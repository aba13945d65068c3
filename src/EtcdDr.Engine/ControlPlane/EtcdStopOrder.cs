using EtcdDr.Engine.Clusters;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>
/// Decides how members are stopped: the followers at once, then the leader. A leader that is told to stop hands over to another member and
/// waits up to seven seconds until that leads (server/etcdserver/server.go, TransferLeadership); where all are told at once the other hands
/// over in turn, back to the first, which waits for nothing and is killed in the end. With its followers gone a leader has nobody to wait
/// for.
/// </summary>
internal static class EtcdStopOrder
{
    // Of server/etcdserver/metrics.go.
    private const string IsLeader = "etcd_server_is_leader 1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The name of the node whose member says that it leads; null where none does within three seconds, or says so over HTTP
    /// (kubeadm: <c>--listen-metrics-urls</c>).</summary>
    public static async Task<string?> FindLeaderAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        CancellationToken cancellationToken
    )
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        var leads = await Task.WhenAll(nodes.Select(node => LeadsAsync(session, node, bounded.Token)));
        return nodes.Where((_, i) => leads[i]).Select(n => n.Node.Name).FirstOrDefault();
    }

    /// <summary>Those that are stopped at once, group after group; all in one where the leader is not known.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Groups<T>(IReadOnlyList<T> nodes, Func<T, string> nameOf, string? leader)
    {
        IReadOnlyList<T>[] groups = [nodes.Where(n => nameOf(n) != leader).ToList(), nodes.Where(n => nameOf(n) == leader).ToList()];
        return groups.Where(g => g.Count > 0).ToList();
    }

    private static async Task<bool> SaysAsync(HttpClient client, string metric, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync("/metrics", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var metrics = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await metrics.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == metric)
            {
                return true;
            }
        }

        return false;
    }

    // Not knowing costs seconds at most: whatever is in the way of the answer shows in the stop itself.
    private static async Task<bool> LeadsAsync(ClusterSession session, ControlPlaneNode node, CancellationToken cancellationToken)
    {
        try
        {
            await using var listener = await EtcdMetrics.TryOpenAsync(session, node, cancellationToken);
            return listener is not null && await SaysAsync(listener.Client, IsLeader, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or EtcdDrException or OperationCanceledException)
        {
            session.Context.Sink.Verbose($"Whether the member of '{node.Node.Name}' leads is not known: {e.Message}");
            return false;
        }
    }
}
