namespace EtcdDr;

/// <summary>A file of a snapshot as its manifest records it.</summary>
/// <param name="Path">Path inside the snapshot, with forward slashes.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Sha256">SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record SnapshotFile(string Path, long Size, string Sha256)
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}
