namespace EtcdDr.Engine.Snapshots;

/// <summary>A file or directory in a store.</summary>
/// <param name="Path">Path relative to the store.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Size">Size in bytes; 0 for a directory.</param>
/// <param name="Mode">Unix permission bits; null where the system has none.</param>
/// <param name="Modified">Time of the last change, UTC.</param>
public sealed record SnapshotStoreEntry(string Path, bool IsDirectory, long Size, UnixFileMode? Mode, DateTime Modified)
{
    /// <summary>Whether it is a symbolic link: never part of a snapshot.</summary>
    public bool IsLink { get; init; }

    /// <summary>Size of all of them, bytes; the largest number there is where they say more. Sizes are what a place says.</summary>
    public static long Total(IEnumerable<SnapshotStoreEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return (long)entries.Aggregate(UInt128.Zero, (sum, e) => UInt128.Min(sum + (ulong)Math.Max(0, e.Size), long.MaxValue));
    }

    /// <summary>Last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
