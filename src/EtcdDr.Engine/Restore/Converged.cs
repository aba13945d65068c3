using System.Net;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>What bringing a cluster in line with its new state came to.</summary>
internal sealed record Converged(IReadOnlyList<RestoreNotReady> NotReady, string? ClusterId, long? HashKv, IReadOnlyList<RestorePod> Pods)
{
    /// <summary>Nothing was done: no API served.</summary>
    public static Converged Nothing { get; } = new([], null, null, []);

    /// <summary>Does it.</summary>
    public static async Task<Converged> RunAsync(RestoreRun run, IReadOnlyList<ClusterNode> all, string phase, CancellationToken cancellationToken)
    {
        var first = run.Nodes[0];
        var host = await run.Session.HostAsync(first.Node, cancellationToken);
        await using var forward = await ApiServerWay.OpenAsync(host, first.Facts.Manifests.ApiServer, cancellationToken);
        await using var api = await KubeApi.ConnectAsync(run.Session.Cluster, cancellationToken, new DnsEndPoint("127.0.0.1", forward.Port));
        var converge = new Converge(run, api, all, phase);
        var left = await converge.RunAsync(cancellationToken);
        return new Converged(left, converge.ClusterId, converge.HashKv, await RestoreReport.PodsAsync(api, cancellationToken));
    }
}
