namespace EtcdDr.Engine.Snapshots.Places.Directories.Local;

/// <summary>A directory of this machine, local or mounted.</summary>
public sealed class LocalSnapshotStore : DirectoryStore
{
    /// <summary>Creates a store over a directory, which need not exist yet.</summary>
    /// <param name="root">Absolute path.</param>
    public LocalSnapshotStore(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
    }

    /// <inheritdoc/>
    public override string DisplayName => Root;

    /// <inheritdoc/>
    public override string Root { get; }

    /// <inheritdoc/>
    public override string FullPath(string path) => path.Length == 0 ? Root : Path.Combine(Root, path);

    /// <inheritdoc/>
    public override string? LocalPath(string path) => FullPath(path);

    /// <inheritdoc/>
    public override Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Reading(path, () => Stat(path, Full(path, checkLast: false))));
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Reading(path, () => List(path)));
    }

    /// <inheritdoc/>
    public override Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<Stream>(
            Reading(
                path,
                () =>
                {
                    var file = new FileStream(
                        Full(path),
                        FileMode.Open,
                        FileAccess.Read,
                        FileShare.ReadWrite | FileShare.Delete,
                        0,
                        FileOptions.SequentialScan
                    );
                    file.Position = offset;
                    return file;
                }
            )
        );
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> BlockSumsAsync(
        string path,
        long offset,
        long blockSize,
        int count,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var file = await OpenReadAsync(path, offset, cancellationToken);
            return await StreamPump.BlockSumsAsync(file, blockSize, count, cancellationToken);
        }
        catch (IOException e)
        {
            throw StoreErrors.Reading(e, Place(path));
        }
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var sums = new List<string>(paths.Count);
        foreach (var path in paths)
        {
            sums.Add((await BlockSumsAsync(path, 0, long.MaxValue, 1, cancellationToken))[0]);
        }

        return sums;
    }

    /// <inheritdoc/>
    public override Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Writing(path, () => CreateWithParents(Full(path)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<bool> TryCreateAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Writing(path, () => PosixFiles.TryCreateDirectory(Full(path))));
    }

    /// <inheritdoc/>
    public override Task<DraftStream> OpenDraftAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<DraftStream>(new LocalDraftStream(Full(path)));
    }

    /// <inheritdoc/>
    public override Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Writing(path, () => Sync(Full(path)));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task WriteUnsyncedAsync(
        string path,
        Stream source,
        long offset,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        await using var file = Writing(
            path,
            () =>
            {
                var opened = PosixFiles.OpenWrite(Full(path), FileMode.OpenOrCreate);
                opened.SetLength(offset);
                return opened;
            }
        );

        var written = offset;
        await StreamPump.RunAsync(
            source,
            (bytes, _) =>
            {
                Writing(path, () => RandomAccess.Write(file.SafeFileHandle, bytes.Span, written));
                written += bytes.Length;
                progress?.Report(written);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public override async Task<string> WriteSummedAsync(
        string path,
        Stream source,
        long offset,
        long length,
        long sumFrom,
        CancellationToken cancellationToken
    )
    {
        await WriteUnsyncedAsync(path, source, offset, null, cancellationToken);
        return (await BlockSumsAsync(path, sumFrom, long.MaxValue, 1, cancellationToken))[0];
    }

    /// <inheritdoc/>
    public override Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Writing(
            path,
            () =>
            {
                var target = Full(path);
                var directory = Path.GetDirectoryName(target)!;
                var beside = Path.Combine(directory, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
                try
                {
                    using (var file = PosixFiles.OpenWrite(beside, FileMode.CreateNew))
                    {
                        file.Write(content.Span);
                        file.Flush(flushToDisk: true);
                    }

                    File.Move(beside, target, overwrite: true);
                }
                catch
                {
                    File.Delete(beside);
                    throw;
                }

                PosixFiles.SyncDirectory(directory);
            }
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Writing(
            path,
            () =>
            {
                using var file = PosixFiles.OpenWrite(Full(path), FileMode.Append);
                file.Write(content.Span);
            }
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Writing(
            from,
            () =>
            {
                var (source, target) = (Full(from), Full(to));
                if (Path.Exists(target))
                {
                    throw StoreErrors.Exists(Place(to));
                }

                if (Directory.Exists(source))
                {
                    Directory.Move(source, target);
                }
                else
                {
                    File.Move(source, target, overwrite: false);
                }

                PosixFiles.SyncDirectory(Path.GetDirectoryName(target)!);
                PosixFiles.SyncDirectory(Path.GetDirectoryName(source)!);
            }
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (path.Length == 0)
        {
            throw StorePath.Outside(path, DisplayName);
        }

        Writing(
            path,
            () =>
            {
                var full = Full(path, checkLast: false);
                var entry = new FileInfo(full);
                if ((int)entry.Attributes == -1)
                {
                    return;
                }

                if (entry.Attributes.HasFlag(FileAttributes.Directory) && entry.LinkTarget is null)
                {
                    Directory.Delete(full, recursive: true);
                }
                else
                {
                    File.Delete(full);
                }

                PosixFiles.SyncDirectory(Path.GetDirectoryName(full)!);
            }
        );
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<long?> FreeBytesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = Root;
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } above)
        {
            place = above;
        }

        return Task.FromResult<long?>(Reading(string.Empty, () => new DriveInfo(place).AvailableFreeSpace));
    }

    private static void CreateWithParents(string full)
    {
        if (Directory.Exists(full))
        {
            return;
        }

        if (Path.GetDirectoryName(full) is { } parent)
        {
            CreateWithParents(parent);
        }

        PosixFiles.CreateDirectory(full);
    }

    private static void Sync(string full)
    {
        if (Directory.Exists(full))
        {
            PosixFiles.SyncDirectory(full);
            return;
        }

        using var file = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        file.Flush(flushToDisk: true);
    }

    private static SnapshotStoreEntry? Stat(string path, string full)
    {
        var entry = new FileInfo(full);
        if ((int)entry.Attributes == -1)
        {
            return null;
        }

        var link = entry.LinkTarget is not null;
        var directory = !link && entry.Attributes.HasFlag(FileAttributes.Directory);
        var mode = OperatingSystem.IsWindows() || link ? null : (UnixFileMode?)entry.UnixFileMode;
        return new SnapshotStoreEntry(path, directory, directory || link ? 0 : entry.Length, mode, entry.LastWriteTimeUtc)
        {
            IsLink = link,
        };
    }

    private IReadOnlyList<SnapshotStoreEntry> List(string path)
    {
        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false };
        return Directory
            .EnumerateFileSystemEntries(Full(path), "*", options)
            .Select(full => Stat(StorePath.Combine(path, Path.GetFileName(full)), full))
            .OfType<SnapshotStoreEntry>()
            .OrderBy(e => e.Path, StringComparer.Ordinal)
            .ToList();
    }

    private string Place(string path) => path.Length == 0 ? Root : Path.Combine(Root, path);

    /// <summary>The absolute path; refuses one that leaves the store, also by a symbolic link on the way.</summary>
    private string Full(string path, bool checkLast = true)
    {
        StorePath.Check(path, DisplayName);
        if (path.Length == 0)
        {
            return Root;
        }

        var full = Root;
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            full = Path.Combine(full, parts[i]);
            if ((checkLast || i < parts.Length - 1) && new FileInfo(full).LinkTarget is not null)
            {
                throw StorePath.Outside(path, DisplayName);
            }
        }

        return full;
    }

    private T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Reading(e, Place(path));
        }
    }

    private T Writing<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(e, Place(path));
        }
    }

    private void Writing(string path, Action write) =>
        Writing<object?>(
            path,
            () =>
            {
                write();
                return null;
            }
        );
}
