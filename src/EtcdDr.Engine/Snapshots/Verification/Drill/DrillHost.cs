using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The node that a drill or a mount takes place on.</summary>
internal static class DrillHost
{
    /// <summary>Connects to a node.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodeName">The node; null for the first control-plane node that answers.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>NodeNotFound</c>, or what the connection throws.</exception>
    internal static async Task<IRemoteHost> FindAsync(ClusterSession session, string? nodeName, CancellationToken cancellationToken)
    {
        var nodes = await ClusterNodes.GetAsync(session, null, cancellationToken);
        if (nodeName is not null)
        {
            var node = nodes.FirstOrDefault(n => n.Name == nodeName) ?? throw NoNode(session, nodeName, nodes);
            return await session.HostAsync(node, cancellationToken);
        }

        EtcdDrException? failure = null;
        foreach (var node in nodes.Where(n => n.Role == NodeRole.ControlPlane))
        {
            try
            {
                return await session.HostAsync(node, cancellationToken);
            }
            catch (EtcdDrException e)
            {
                session.Context.Sink.Verbose(e.Message);
                failure = e;
            }
        }

        throw failure!;
    }

    private static EtcdDrException NoNode(ClusterSession session, string nodeName, IReadOnlyList<ClusterNode> nodes) =>
        new(
            "NodeNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.NodeNotFound.With(session.Cluster.Name, nodeName, string.Join(", ", nodes.Select(n => n.Name))),
            Errors.NodeNotFound_Action,
            nodeName
        );
}
