namespace EtcdDr;

/// <summary>A part of what a snapshot holds: a kind, or a namespace.</summary>
/// <param name="Name">The kind or namespace; empty for keys that have none.</param>
/// <param name="Count">Keys.</param>
/// <param name="Bytes">Bytes of their keys and values, latest versions only.</param>
public sealed record EtcdSnapshotShare(string Name, long Count, long Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
