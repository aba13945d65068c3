namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>A sealed file as it is expected: which it is and how long.</summary>
internal sealed class SealedFile
{
    private readonly string _snapshot;

    private SealedFile(string snapshot, string path, SealedKind kind, string id, long plainLength)
    {
        _snapshot = snapshot;
        Path = path;
        Kind = kind;
        Id = id;
        PlainLength = plainLength;
    }

    /// <summary>Its path when it is open.</summary>
    internal string Path { get; }

    /// <summary>What it is for.</summary>
    internal SealedKind Kind { get; }

    /// <summary>Its id, as its name has it.</summary>
    internal string Id { get; }

    /// <summary>Plain bytes in it.</summary>
    internal long PlainLength { get; }

    /// <summary>Chunks in it.</summary>
    internal long Chunks => SealedLayout.Chunks(PlainLength);

    /// <summary>Describes a file.</summary>
    /// <param name="snapshot">The snapshot, for messages.</param>
    /// <param name="path">The path in the snapshot that people know it by.</param>
    /// <param name="kind">What it must be for.</param>
    /// <param name="id">The id that it must have.</param>
    /// <param name="length">Length of the sealed file.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>: no sealed file has that length.</exception>
    internal static SealedFile Of(string snapshot, string path, SealedKind kind, string id, long length) =>
        SealedLayout.PlainLength(length) is >= 0 and var plain
            ? new SealedFile(snapshot, path, kind, id, plain)
            : throw SnapshotErrors.Altered(snapshot, Errors.SnapshotAltered_SealedLength_Part.With(length, path));

    /// <summary>Plain bytes in a chunk.</summary>
    internal int ChunkLength(long chunk) => (int)Math.Min(SealedLayout.ChunkLength, PlainLength - (chunk * SealedLayout.ChunkLength));

    /// <summary>The error for a file that is not what was sealed.</summary>
    internal EtcdDrException Altered(string why) => SnapshotErrors.Altered(_snapshot, Errors.SnapshotAltered_Sealed_Part.With(Path, why));

    /// <summary>The error for a chunk that is not what was sealed.</summary>
    internal EtcdDrException AlteredAt(long chunk) =>
        Altered(Errors.SnapshotAltered_SealedChunk_Part.With(chunk, Chunks, SealedLayout.OffsetOf(chunk)));
}
