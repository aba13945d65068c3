using System.Collections.Concurrent;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>Journals on the control-plane nodes of a cluster.</summary>
/// <param name="Journals">The journals, by node.</param>
/// <param name="Reached">Control-plane nodes that answered.</param>
/// <param name="AllNodes">All nodes of the cluster.</param>
internal sealed record RestoreJournals(
    IReadOnlyList<NodeJournal> Journals,
    IReadOnlyList<ClusterNode> Reached,
    IReadOnlyList<ClusterNode> AllNodes
)
{
    /// <summary>
    /// Reads them. A node that is away is warned of and left out: it must not keep the others from being put back. Whether enough are left
    /// is judged later.
    /// </summary>
    public static async Task<RestoreJournals> FindAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        var context = session.Context;
        var nodes = await NodesAsync(session, cancellationToken);
        var journals = new ConcurrentBag<NodeJournal>();
        var reached = new ConcurrentBag<ClusterNode>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            nodes.Where(n => n.Role == NodeRole.ControlPlane),
            parallel,
            async (node, ct) =>
            {
                try
                {
                    var host = await session.HostAsync(node, ct);
                    var path = (await host.RunAsync(ControlPlaneCommands.StaticPodPath, ct)).Text.Trim();
                    foreach (var journal in await NodeFactsReader.ReadJournalsAsync(host, path, ct))
                    {
                        journals.Add(journal);
                    }

                    reached.Add(node);
                }
                catch (EtcdDrException e)
                {
                    context.Sink.Warning($"Node '{node.Name}' of cluster '{session.Cluster.Name}' cannot be asked: {e.Message}");
                }
            }
        );
        return new RestoreJournals(
            WithEnds(journals.OrderBy(j => j.Node, StringComparer.Ordinal).ToList()),
            reached.OrderBy(n => n.Name, StringComparer.Ordinal).ToList(),
            nodes
        );
    }

    /// <summary>
    /// A restore that people gave up is given up on a node that was away then, too: its journal must not forbid every other restore when it
    /// comes back. One that is being put back is not: that was begun after it was given up, and owes its end.
    /// </summary>
    internal static IReadOnlyList<NodeJournal> WithEnds(IReadOnlyList<NodeJournal> journals)
    {
        var abandoned = journals
            .Where(j => j.Journal.State == RestoreState.Abandoned)
            .Select(j => j.Journal.Id)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. journals.Select(j =>
                abandoned.Contains(j.Journal.Id) && RestoreHistory.IsOpen(j.Journal.State) && j.Journal.State != RestoreState.RollingBack
                    ? j with
                    {
                        Journal = j.Journal with { State = RestoreState.Abandoned },
                    }
                    : j
            ),
        ];
    }

    private static async Task<IReadOnlyList<ClusterNode>> NodesAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        await using var api = await KubeApi.ConnectAsync(session.Cluster, cancellationToken);
        var alive = await api.ProbeAsync("/readyz", cancellationToken);
        return await ClusterNodes.GetAsync(session, alive ? api : null, cancellationToken);
    }
}
