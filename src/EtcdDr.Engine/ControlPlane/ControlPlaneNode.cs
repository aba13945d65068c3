using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>A control-plane node: its static pods, in place or held aside by <c>Stop-EtcdControlPlane</c>, and where they are.</summary>
internal sealed record ControlPlaneNode(ClusterNode Node, NodeManifests Manifests, StaticPodPlace Place)
{
    /// <summary>The node's name.</summary>
    public string Name => Node.Name;

    /// <summary>Reads a node.</summary>
    public static async Task<ControlPlaneNode> ReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        var host = await session.HostAsync(node, cancellationToken);
        var inPlace = await NodeManifests.ReadAsync(host, cancellationToken);
        var hold = HeldManifests.StopDirectory(inPlace.StaticPodPath);
        var manifests = await HeldManifests.AddAsync(host, inPlace, hold, cancellationToken);
        var endpoint = (await host.RunAsync(ControlPlaneCommands.RuntimeEndpoint, cancellationToken)).Text.Trim();
        return new ControlPlaneNode(
            node,
            manifests,
            new StaticPodPlace(inPlace.StaticPodPath, hold, endpoint, string.Empty));
    }
}
