using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Manifests that this module holds aside still say how a node is set up.</summary>
internal static class HeldManifests
{
    /// <summary>Where <c>Stop-EtcdControlPlane</c> holds manifests until <c>Start-EtcdControlPlane</c> puts them back.</summary>
    public static string StopDirectory(string staticPodPath) => $"{Root(staticPodPath)}/stopped/manifests";

    /// <summary>Where manifests of a node are held whose member was taken out of etcd, or is just coming in.</summary>
    public static string MembersDirectory(string staticPodPath) => $"{Root(staticPodPath)}/members";

    /// <summary>Where a node keeps journals and held manifests: beside the static pods, on their file system, where the kubelet does not
    /// look.</summary>
    public static string Root(string staticPodPath)
    {
        var path = staticPodPath.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        return (slash <= 0 ? string.Empty : path[..slash]) + "/etcddr";
    }

    /// <summary>The manifests of a node with those that are held in a directory.</summary>
    public static async Task<NodeManifests> AddAsync(
        IRemoteHost host,
        NodeManifests inPlace,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var holds = (await host.RunAsync(ControlPlaneCommands.HasHeld.With(directory), cancellationToken)).ExitStatus == 0;
        return holds ? inPlace.With([await NodeManifests.ReadAsync(host, cancellationToken, directory)]) : inPlace;
    }
}
