namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// A directory that holds snapshots or one snapshot: on this machine or on an SSH host. Paths are relative to it, with forward slashes. What it
/// makes has mode 0700 (directories) and 0600 (files) whatever the umask.
/// </summary>
public interface ISnapshotStore : IAsyncDisposable
{
    /// <summary>The place in words, for messages: a path, or <c>host:path</c>.</summary>
    string DisplayName { get; }

    /// <summary>What stands at a path: its size in bytes, -1 for a directory; null if nothing does.</summary>
    Task<long?> LengthAsync(string path, CancellationToken cancellationToken);

    /// <summary>All files below a path, recursively.</summary>
    IAsyncEnumerable<SnapshotStoreEntry> ListAsync(string path, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading from an offset.</summary>
    Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken);

    /// <summary>Makes a directory, and those above it inside the store.</summary>
    Task CreateDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>Writes a stream to a file from an offset on; the bytes are on disk when it returns.</summary>
    Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>Puts a small file in place whole or not at all: written beside, synced, renamed over.</summary>
    Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Adds to the end of a file, which is made if need be.</summary>
    Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Renames a file or directory; fails if the target exists.</summary>
    Task RenameAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Removes a file or a whole directory that this module made.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Free bytes, or null where that cannot be told.</summary>
    Task<long?> FreeBytesAsync(CancellationToken cancellationToken);
}
