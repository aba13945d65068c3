namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// A directory that holds snapshots or one snapshot: on this machine or on an SSH host. Paths are relative to it, with forward slashes; the empty
/// path is the store itself. A path that would leave the store (<c>..</c>, an absolute path, a symbolic link on the way) is refused with
/// <c>PathOutsideStore</c>. What a store makes has mode 0700 (directories) and 0600 (files) whatever the umask, from its first moment on. Failures
/// are <see cref="EtcdDrException"/>: <c>DestinationFull</c>, <c>DestinationNotWritable</c>, <c>SnapshotWriteFailed</c>,
/// <c>SnapshotFileMissing</c>, <c>SnapshotNotReadable</c>, <c>SnapshotReadFailed</c>, and those of the connection.
/// </summary>
public interface ISnapshotStore : IAsyncDisposable
{
    /// <summary>The place in words, for messages: a path, or <c>host:path</c>.</summary>
    string DisplayName { get; }

    /// <summary>Absolute path of the store's directory on its machine.</summary>
    string Root { get; }

    /// <summary>What stands at a path: its size in bytes, -1 for a directory; null if nothing does.</summary>
    Task<long?> LengthAsync(string path, CancellationToken cancellationToken);

    /// <summary>What stands at a path, links not followed; null if nothing does.</summary>
    Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken);

    /// <summary>What a directory holds, ordered by name; not what its directories hold.</summary>
    Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>All files, directories and links below a path, recursively; links are not followed.</summary>
    IAsyncEnumerable<SnapshotStoreEntry> ListAsync(string path, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading from an offset.</summary>
    Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken);

    /// <summary>
    /// SHA-256 of consecutive blocks of a file, computed where the file is if that machine has a shell, else by reading it back.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the first block begins; a multiple of 1 MiB.</param>
    /// <param name="blockSize">Size of each block, bytes; a multiple of 1 MiB. The file's last block may be shorter.</param>
    /// <param name="count">How many blocks. Those past the file's end give the hash of nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>64 lower-case hexadecimal digits for each block.</returns>
    Task<IReadOnlyList<string>> BlockSumsAsync(string path, long offset, long blockSize, int count, CancellationToken cancellationToken);

    /// <summary>SHA-256 of a whole file as it stands there, 64 lower-case hexadecimal digits.</summary>
    Task<string> Sha256Async(string path, CancellationToken cancellationToken);

    /// <summary>SHA-256 of several files, in one go where their machine has a shell; in the order of the paths.</summary>
    Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>Makes a directory, and those above it inside the store, and the store's own directory if it is not there.</summary>
    Task CreateDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a stream to a file from an offset on; what the file held from there on is cut off first. The bytes are on disk when it returns (on
    /// an SSH host without a shell: in the hands of its SFTP server).
    /// </summary>
    Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>The same without waiting for the disk: <see cref="SyncAsync"/> does that for many files at once.</summary>
    Task WriteUnsyncedAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// The same, and tells what the file then holds, as its SHA-256, computed where the file is while it grows if that machine has
    /// a shell, else by reading it back. On its way the content may be compressed, where that gets it there sooner.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="source">What is written.</param>
    /// <param name="offset">Where it begins; a multiple of 1 MiB.</param>
    /// <param name="length">How many bytes the source should have.</param>
    /// <param name="sumFrom">Where that which is summed begins: the offset, or before it; a multiple of 1 MiB.</param>
    /// <param name="cancellationToken">Stops it; what arrived stays.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    Task<string> WriteSummedAsync(string path, Stream source, long offset, long length, long sumFrom, CancellationToken cancellationToken);

    /// <summary>Brings files and directories to disk (on an SSH host without a shell this is left to its SFTP server).</summary>
    Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>Puts a small file in place whole or not at all: written beside, synced, renamed over.</summary>
    Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Adds to the end of a file, which is made if need be. It does not wait for the disk (<see cref="SyncAsync"/> does), and on an SSH host it runs no command.</summary>
    Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Renames a file or directory; fails with <c>AlreadyExists</c> if the target exists.</summary>
    Task RenameAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Removes a file or a whole directory that this module made; nothing happens where there is none. Links are removed, not followed; on an SSH host without a shell they are refused.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Free bytes, or null where that cannot be told.</summary>
    Task<long?> FreeBytesAsync(CancellationToken cancellationToken);
}
