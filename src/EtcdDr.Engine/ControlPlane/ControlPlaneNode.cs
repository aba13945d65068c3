using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>A control-plane node: its static pods, in place or held aside, and where they are.</summary>
/// <param name="Node">The node.</param>
/// <param name="Manifests">Its static pods.</param>
/// <param name="Place">Directories and runtime.</param>
/// <param name="Parts">The parts of the control plane that it runs.</param>
internal sealed record ControlPlaneNode(
    ClusterNode Node,
    NodeManifests Manifests,
    StaticPodPlace Place,
    IReadOnlyList<ControlPlanePart> Parts
)
{
    /// <summary>The node's name.</summary>
    public string Name => Node.Name;

    /// <summary>Reads a node; what <c>Stop-EtcdControlPlane</c> holds aside counts.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestAmbiguous</c>, and what reading manifests throws.</exception>
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
            new StaticPodPlace(inPlace.StaticPodPath, hold, endpoint, string.Empty),
            ControlPlanePart.Of(manifests)
        );
    }
}
