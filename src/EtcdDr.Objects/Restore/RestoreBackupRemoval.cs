namespace EtcdDr;

/// <summary>What was freed on a node when the previous data of a restore was removed.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Id">The restore.</param>
/// <param name="Node">The node.</param>
/// <param name="BytesFreed">Bytes that were freed.</param>
public sealed record RestoreBackupRemoval(string Cluster, string Id, string Node, long BytesFreed)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
