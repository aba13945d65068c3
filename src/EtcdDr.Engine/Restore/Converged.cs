using System.Net;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>What bringing a cluster in line with its new state came to.</summary>
internal sealed record Converged(IReadOnlyList<RestoreNotReady> NotReady, string? ClusterId, long? HashKv, IReadOnlyList<RestorePod> Pods)
{
    /// <summary>Nothing was done: no API served.</summary>
    public static Converged Nothing { get; } = new([], null, null, []);

    /// <summary>Does it, through an apiserver that is ready: any will do.</summary>
    /// <exception cref="EtcdDrException">None of them can be reached.</exception>
    public static async Task<Converged> RunAsync(RestoreRun run, IReadOnlyList<ClusterNode> all, string phase, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var node = run.Nodes[i];
            try
            {
                var host = await run.Session.HostAsync(node.Node, cancellationToken);
                await using var forward = await ApiServerWay.OpenAsync(host, node.Facts.Manifests.ApiServer, cancellationToken);
                await using var api = await KubeApi.ConnectAsync(run.Session.Cluster, cancellationToken, new DnsEndPoint("127.0.0.1", forward.Port));
                if (i < run.Nodes.Count - 1 && !await api.ProbeAsync("/readyz", cancellationToken))
                {
                    continue;
                }

                return await RunAsync(run, api, all, phase, cancellationToken);
            }
            catch (EtcdDrException e) when (i < run.Nodes.Count - 1)
            {
                run.Context.Sink.Verbose($"The apiserver of node '{node.Name}' cannot be used: {e.Message}");
            }
        }
    }

    private static async Task<Converged> RunAsync(RestoreRun run, KubeApi api, IReadOnlyList<ClusterNode> all, string phase, CancellationToken cancellationToken)
    {
        var converge = new Converge(run, api, all, phase);
        var left = await converge.RunAsync(cancellationToken);
        return new Converged(left, converge.ClusterId, converge.HashKv, await PodsAsync(run, api, cancellationToken));
    }

    // A list for the report is no reason to call a restore unfinished.
    private static async Task<IReadOnlyList<RestorePod>> PodsAsync(RestoreRun run, KubeApi api, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreReport.PodsAsync(api, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            run.Context.Sink.Warning($"Pods could not be listed for the report: {e.Message}");
            return [];
        }
    }
}
