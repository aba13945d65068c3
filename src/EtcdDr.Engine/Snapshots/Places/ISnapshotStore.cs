namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>
/// A place that holds snapshots, or one snapshot: a directory here, one behind SFTP, a bucket. What is above knows no more of a place than
/// this. Every place passes the same tests (<c>SnapshotStoreContract</c> in the tests); a new one is a folder beside the others, and a line
/// in <see cref="SnapshotStores"/>.
/// <para>
/// Paths are relative to the place, with forward slashes; the empty path is the place itself. A path that would leave it (<c>..</c>, an
/// absolute path, a symbolic link on the way) is refused with <c>PathOutsideStore</c>. What a place says is input: each name comes once and
/// is one name, but it may be any, and sizes may be wrong.
/// </para>
/// <para>
/// All methods may be called at once from several tasks. Reading, listing, deleting and publishing may be repeated; a failed or cancelled
/// call leaves nothing that counts as a snapshot. What has returned is permanent, except where a method says otherwise. What a place makes
/// can be read by its owner only, from its first moment on. Failures are <see cref="EtcdDrException"/>: <c>DestinationFull</c>,
/// <c>DestinationNotWritable</c>, <c>SnapshotWriteFailed</c>, <c>SnapshotFileMissing</c>, <c>SnapshotNotReadable</c>,
/// <c>SnapshotReadFailed</c>, and those of the connection (a file that is not there has category <c>ObjectNotFound</c> everywhere); each
/// names the place.
/// </para>
/// </summary>
public interface ISnapshotStore : IAsyncDisposable
{
    /// <summary>The place in words, for messages: a path, or <c>host:path</c>.</summary>
    string DisplayName { get; }

    /// <summary>The place's own path or address, without its host.</summary>
    string Root { get; }

    /// <summary>What a path is called from outside: the value of <see cref="EtcdSnapshot.Path"/>.</summary>
    string FullPath(string path);

    /// <summary>The path by which other programs of this machine can read a file where it lies; null where that cannot be.</summary>
    string? LocalPath(string path);

    /// <summary>What stands at a path, links not followed; null if nothing does.</summary>
    Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken);

    /// <summary>What a directory holds, ordered by name; not what its directories hold.</summary>
    Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// A view of the place for looking at many of its snapshots: where one listing tells all of it, it is made now and not again; what
    /// changes later does not show. A place of which one directory is as quickly listed as another gives itself. The view need not be
    /// disposed, and ends with the place.
    /// </summary>
    Task<ISnapshotStore> ListedAsync(CancellationToken cancellationToken) => Task.FromResult(this);

    /// <summary>
    /// Opens a file for reading from an offset on. What is read is what the file holds then: whoever needs all of it to be of one moment
    /// compares sums.
    /// </summary>
    Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken);

    /// <summary>SHA-256 of files as they stand there, 64 lower-case hexadecimal digits each, in the order of the paths; computed where they
    /// are if that can be.</summary>
    Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>Begins to bring a snapshot here, or goes on with what a cut upload of the same one left. Nothing of it is a snapshot before
    /// it is published.</summary>
    /// <exception cref="EtcdDrException"><c>DestinationFull</c>: there is not enough room, as far as that can be told;
    /// <c>DestinationNotWritable</c>.</exception>
    Task<ISnapshotUpload> UploadAsync(SnapshotUpload upload, CancellationToken cancellationToken);

    /// <summary>Begins to write a snapshot here that is being taken, under a name that nothing here has: null where it is taken, also by
    /// one that is not finished. The place is made if need be.</summary>
    /// <exception cref="EtcdDrException"><c>DestinationNotWritable</c>.</exception>
    Task<ISnapshotDraft?> DraftAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a snapshot: first it is none any more, in one step, then its files go. One that is cut leaves something unfinished, never
    /// half a snapshot.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="files">All its files, by their paths in it. What else lies there are records of restores, which go with it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task RemoveAsync(string name, IReadOnlyList<string> files, CancellationToken cancellationToken);

    /// <summary>What uploads and removals left that were cut off, or still go on.</summary>
    Task<IReadOnlyList<UnfinishedUpload>> FindUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Removes what one of them left; nothing happens where it is gone.</summary>
    /// <param name="name">Its name, as <see cref="FindUnfinishedAsync"/> gave it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task RemoveUnfinishedAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes a file, or all below a path, that this module made; nothing happens where there is none. Links are removed, not
    /// followed.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Makes a directory, and those above it inside the place, and the place's own if it is not there. A place without directories
    /// has nothing to do.</summary>
    Task CreateDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <summary>Puts a small file in place, whole or not at all; one that is there is replaced in one step. Its directory is
    /// there.</summary>
    Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Adds to the end of a file, which is made if need be. It is permanent only after <see cref="SyncAsync"/>, and runs no
    /// command on an SSH host.</summary>
    Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Makes permanent what was appended to files.</summary>
    Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken);
}
