namespace EtcdDr;

/// <summary>A node of the cluster at the time of a snapshot.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Role">Control plane or worker.</param>
/// <param name="Address">Its InternalIP then, or null where it is not known (MAA backups).</param>
public sealed record SnapshotNode(string Name, NodeRole Role, string? Address)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
