using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>
/// Decides how members are started. With the corruption check at start (kubeadm turns it on) a member asks each peer for its hash before it
/// serves, and waits seven seconds for each that listens already but does not serve yet (server/etcdserver/corrupt.go, Config.ReqTimeout).
/// So members that are started at once hold each other up; one after the other they find each peer either serving or not listening at all,
/// and both answers come at once.
/// </summary>
internal static class EtcdStartOrder
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether members shall be started one after the other.</summary>
    public static bool OneByOne(IEnumerable<ControlPlaneNode> nodes) =>
        nodes.Any(n => n.Manifests.Etcd is { } etcd && ChecksCorruption(etcd) && EtcdMetrics.UrlOf(etcd) is not null);

    /// <summary>
    /// Returns when a member serves its peers: the listener for metrics is opened right after that for peers, and needs no quorum. Gives up
    /// quietly after a while; the wait for a healthy etcd that follows is the one that judges.
    /// </summary>
    public static async Task WaitForPeersServedAsync(ClusterSession session, ControlPlaneNode node, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        await using var metrics = await EtcdMetrics.TryOpenAsync(session, node, cancellationToken);
        if (metrics is null)
        {
            return;
        }

        var client = metrics.Client;
        client.Timeout = TimeSpan.FromSeconds(2);
        client.DefaultRequestHeaders.ConnectionClose = true;
        while (!bounded.IsCancellationRequested && !await AnswersAsync(client, cancellationToken))
        {
            await Task.Delay(Interval, session.Context.Time, cancellationToken);
        }
    }

    internal static bool ChecksCorruption(EtcdMemberConfiguration etcd) =>
        IsTrue(etcd.Flags.Last("experimental-initial-corrupt-check"))
        || (etcd.Flags.Last("feature-gates") ?? string.Empty)
            .Split(',')
            .Any(gate => gate.Trim().Equals("InitialCorruptCheck=true", StringComparison.OrdinalIgnoreCase));

    // Any answer will do: without a quorum it is one of ill health.
    private static async Task<bool> AnswersAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("/health", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return true;
        }
        catch (Exception e)
            when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static bool IsTrue(string? value) =>
        value is not null && (value.Length == 0 || value.Equals("true", StringComparison.OrdinalIgnoreCase));
}
