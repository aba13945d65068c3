namespace EtcdDr.Engine.Snapshots.Places.Directories;

/// <summary>
/// A place that is a directory as POSIX has them: files can be written from any offset on, appended to and renamed. What it makes has mode
/// 0700 (directories) and 0600 (files) whatever the umask. A snapshot is written under another name (<c>.NAME.partial</c>) and renamed:
/// that is how it is published.
/// </summary>
public abstract class DirectoryStore : ISnapshotStore
{
    /// <inheritdoc/>
    public abstract string DisplayName { get; }

    /// <inheritdoc/>
    public abstract string Root { get; }

    /// <inheritdoc/>
    public virtual string FullPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length == 0 ? Root : $"{Root.TrimEnd('/')}/{path}";
    }

    /// <inheritdoc/>
    public virtual string? LocalPath(string path) => null;

    /// <inheritdoc/>
    public abstract Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>
    /// SHA-256 of consecutive blocks of a file, computed where the file is if that machine has a shell, else by reading it back.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the first block begins; a multiple of 1 MiB.</param>
    /// <param name="blockSize">Size of each block, bytes; a multiple of 1 MiB. The file's last block may be shorter.</param>
    /// <param name="count">How many blocks. Those past the file's end give the hash of nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>64 lower-case hexadecimal digits for each block.</returns>
    public abstract Task<IReadOnlyList<string>> BlockSumsAsync(
        string path,
        long offset,
        long blockSize,
        int count,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Writes a stream to a file from an offset on; what the file held from there on is cut off first. It does not wait for the disk:
    /// <see cref="SyncAsync"/> does that for many files at once.
    /// </summary>
    public abstract Task WriteUnsyncedAsync(
        string path,
        Stream source,
        long offset,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    );

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
    public abstract Task<string> WriteSummedAsync(
        string path,
        Stream source,
        long offset,
        long length,
        long sumFrom,
        CancellationToken cancellationToken
    );

    /// <summary>Writes as <see cref="WriteUnsyncedAsync"/> does, and brings it to disk (on an SSH host without a shell: into the hands of
    /// its SFTP server).</summary>
    public async Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await WriteUnsyncedAsync(path, source, offset, progress, cancellationToken);
        await SyncAsync([path], cancellationToken);
    }

    /// <summary>Brings files and directories to disk (on an SSH host without a shell this is left to its SFTP server).</summary>
    public abstract Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task CreateDirectoryAsync(string path, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Renames a file or directory; fails with <c>AlreadyExists</c> if the target exists.</summary>
    public abstract Task RenameAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Removes a file or a whole directory; nothing happens where there is none. Links are removed, not followed; on an SSH host
    /// without a shell they are refused.</summary>
    public abstract Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Free bytes, or null where that cannot be told.</summary>
    public abstract Task<long?> FreeBytesAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public async Task<ISnapshotUpload> UploadAsync(SnapshotUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return await DirectoryUpload.BeginAsync(this, upload, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ISnapshotDraft?> DraftAsync(string name, CancellationToken cancellationToken) =>
        await DirectoryDraft.BeginAsync(this, name, cancellationToken);

    /// <summary>Makes one directory unless the name is taken; where the kind of directory can, in one step.</summary>
    /// <returns>Whether it was made.</returns>
    public abstract Task<bool> TryCreateAsync(string path, CancellationToken cancellationToken);

    /// <summary>Begins a file of a snapshot that is being taken; its directory is there.</summary>
    public abstract Task<DraftStream> OpenDraftAsync(string path, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveAsync(string name, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var hidden = SnapshotNames.RemovingOf(name);
        await RenameAsync(name, hidden, cancellationToken);
        foreach (var file in files)
        {
            await DeleteAsync(StorePath.Combine(hidden, file), cancellationToken);
        }

        // What is left are empty directories and the records of restores that have come to their end.
        await DeleteAsync(hidden, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<UnfinishedUpload>> FindUnfinishedAsync(CancellationToken cancellationToken)
    {
        var found = new List<UnfinishedUpload>();
        foreach (var entry in await ListDirectoryAsync(string.Empty, cancellationToken))
        {
            if (!entry.IsDirectory || !SnapshotNames.IsUnfinished(entry.Name))
            {
                continue;
            }

            var (changed, size) = (entry.Modified, 0L);
            await foreach (var below in this.ListAsync(entry.Path, cancellationToken))
            {
                changed = below.Modified > changed ? below.Modified : changed;
                size += below.Size;
            }

            found.Add(new UnfinishedUpload(entry.Name, changed, size));
        }

        return found;
    }

    /// <inheritdoc/>
    public Task RemoveUnfinishedAsync(string name, CancellationToken cancellationToken) =>
        SnapshotNames.IsUnfinished(name)
            ? DeleteAsync(name, cancellationToken)
            : throw new ArgumentException("Only what an unfinished snapshot left is removed so.", nameof(name));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore();
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what a kind of directory holds.</summary>
    protected virtual ValueTask DisposeAsyncCore() => ValueTask.CompletedTask;
}
