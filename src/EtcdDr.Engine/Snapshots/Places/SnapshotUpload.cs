namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>What an upload brings to a place: a snapshot's files, each of which can be read again from any byte on.</summary>
public sealed record SnapshotUpload
{
    /// <summary>Files below this size, bytes, are read whole, so that each is checked before it is sent.</summary>
    public const long SmallFile = 1024 * 1024;

    /// <summary>Size of a block where nothing else is said: what is lost at most when an upload is cut.</summary>
    public const int DefaultBlockSize = 8 * 1024 * 1024;

    /// <summary>The name that the snapshot will have.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is one file and not a directory: a bare database.</summary>
    public bool IsFile { get; init; }

    /// <summary>Where it comes from, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>All its files.</summary>
    public required IReadOnlyList<SnapshotStoreEntry> Files { get; init; }

    /// <summary>Opens one of them from an offset on.</summary>
    public required Func<string, long, CancellationToken, Task<Stream>> OpenAsync { get; init; }

    /// <summary>SHA-256 of one of them as the manifest lists it; null where it lists none.</summary>
    public required Func<string, string?> Sum { get; init; }

    /// <summary>Told of bytes and steps.</summary>
    public required IUploadProgress Progress { get; init; }

    /// <summary>Size of the blocks in which large files are resumed and checked; a multiple of 1 MiB.</summary>
    public int BlockSize { get; init; } = DefaultBlockSize;

    /// <summary>Bytes of all files.</summary>
    public long Size => SnapshotStoreEntry.Total(Files);
}
