namespace EtcdDr.Lab.Nodes;

/// <summary>What a node is made from; kept in the lab's state file.</summary>
/// <param name="Name">Host name.</param>
/// <param name="Address">Its address; the subnet is a /24.</param>
/// <param name="IsControlPlane">Whether it runs the control plane.</param>
/// <param name="Directory">Its directory on this machine.</param>
/// <param name="Link">Name of this machine's end of its network link.</param>
/// <param name="Bridge">The site's bridge.</param>
/// <param name="Gateway">This machine's address on the bridge.</param>
/// <param name="DiskMountPoint">Where its own limited disk is mounted; null when it has none.</param>
internal sealed record NodeSpecification(
    string Name,
    string Address,
    bool IsControlPlane,
    string Directory,
    string Link,
    string Bridge,
    string Gateway,
    string? DiskMountPoint
);
