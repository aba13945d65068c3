namespace EtcdDr;

/// <summary>A node of a cluster and where it is reached.</summary>
/// <param name="Name">The node's name in Kubernetes; the same on both sites.</param>
/// <param name="Role">Control plane or worker.</param>
/// <param name="Address">Host name or IP that SSH connects to: the profile's, else the node's InternalIP.</param>
public sealed record ClusterNode(string Name, NodeRole Role, string Address)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
