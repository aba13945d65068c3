using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

/// <summary>
/// A directory of an SSH host, seen over SFTP as the SSH user. Where the account has a shell, sums are computed there; an SFTP-only account
/// is served too.
/// </summary>
public sealed class SftpSnapshotStore : DirectoryStore
{
    private const long MiB = SftpShell.MiB;
    private const int PathsPerCommand = 200;

    private readonly IRemoteFiles _files;
    private readonly bool _ownsHost;
    private readonly SftpShell _shell;
    private readonly IRemoteHost _host;
    private readonly SftpTree _tree;

    private SftpSnapshotStore(IRemoteHost host, IRemoteFiles files, string root, bool ownsHost)
    {
        _host = host;
        _files = files;
        _shell = new SftpShell(host);
        _tree = new SftpTree(host, files, root);
        Root = root;
        _ownsHost = ownsHost;
    }

    /// <inheritdoc/>
    public override string DisplayName => _tree.DisplayName;

    /// <inheritdoc/>
    public override string Root { get; }

    /// <summary>Opens a store over a directory of a host, which need not exist yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="root">Absolute path there.</param>
    /// <param name="ownsHost">Whether the store closes the connection when it is disposed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<SftpSnapshotStore> OpenAsync(IRemoteHost host, string root, bool ownsHost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentException.ThrowIfNullOrEmpty(root);
        var trimmed = root.Length > 1 ? root.TrimEnd('/') : root;
        return new SftpSnapshotStore(host, await host.OpenFilesAsync(cancellationToken), trimmed.Length == 0 ? "/" : trimmed, ownsHost);
    }

    /// <inheritdoc/>
    public override Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken) =>
        _tree.StatAsync(path, cancellationToken);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken) =>
        _tree.ListDirectoryAsync(path, cancellationToken);

    /// <inheritdoc/>
    public override async Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        await _tree.RefuseLinkAsync(path, cancellationToken);
        return await _files.OpenReadAsync(_tree.Full(path), offset, cancellationToken);
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
        if (count == 0)
        {
            return [];
        }

        if (offset % MiB != 0 || blockSize % MiB != 0 || !await _shell.RunsAsync(cancellationToken))
        {
            await using var stream = await OpenReadAsync(path, offset, cancellationToken);
            return await StreamPump.BlockSumsAsync(stream, blockSize, count, cancellationToken);
        }

        await _tree.RefuseLinkAsync(path, cancellationToken);
        return await _shell.BlockSumsAsync(_tree.Full(path), _tree.Place(path), offset, blockSize, count, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var shell = await _shell.RunsAsync(cancellationToken);
        var sums = new List<string>(paths.Count);
        foreach (var batch in paths.Chunk(PathsPerCommand))
        {
            sums.AddRange(shell ? await SumsThereAsync(batch, cancellationToken) : await SumsHereAsync(batch, cancellationToken));
        }

        return sums;
    }

    /// <inheritdoc/>
    public override async Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var full = _tree.Full(path);
        var missing = new Stack<string>();
        for (var place = full; place.Length > 1; place = SftpTree.Parent(place))
        {
            var there = await _files.StatAsync(place, cancellationToken);
            if (there is not null)
            {
                break;
            }

            missing.Push(place);
        }

        while (missing.TryPop(out var place))
        {
            await WritingAsync(path, () => MakeAsync(place, cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task<bool> TryCreateAsync(string path, CancellationToken cancellationToken)
    {
        var full = _tree.Full(path);
        if (await _files.StatAsync(full, cancellationToken) is not null)
        {
            return false;
        }

        await WritingAsync(path, () => _files.CreateDirectoryAsync(full, cancellationToken), cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public override Task<DraftStream> OpenDraftAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<DraftStream>(
            new PipedDraftStream(
                (content, token) => WriteUnsyncedAsync(path, content, 0, null, token),
                () => DeleteLeftoverAsync(_tree.Full(path)),
                cancellationToken
            )
        );

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
        var full = _tree.Full(path);

        // SFTP's write leaves what stands behind the last byte; a file that is too long is made anew or cut by the shell.
        if (await _tree.RefuseLinkAsync(path, cancellationToken) is { } there && there.Size > offset)
        {
            await CutAsync(path, full, offset, cancellationToken);
        }

        await WritingAsync(path, () => _files.WriteAsync(full, source, offset, progress, cancellationToken), cancellationToken);
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
        if (await _shell.ReceivesAsync(cancellationToken))
        {
            await _tree.RefuseLinkAsync(path, cancellationToken);
            var sum = string.Empty;
            await WritingAsync(
                path,
                async () =>
                    sum = await _shell.ReceiveAsync(
                        _tree.Full(path),
                        _tree.Place(path),
                        source,
                        offset,
                        length,
                        sumFrom,
                        cancellationToken
                    ),
                cancellationToken
            );
            return sum;
        }

        await WriteUnsyncedAsync(path, source, offset, null, cancellationToken);
        return (await BlockSumsAsync(path, sumFrom, (Math.Max(1, offset + length - sumFrom) + MiB - 1) / MiB * MiB, 1, cancellationToken))[
            0
        ];
    }

    /// <inheritdoc/>
    public override async Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var batch in paths.Select(_tree.Full).Chunk(PathsPerCommand))
        {
            await _shell.SyncAsync(batch, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var full = _tree.Full(path);
        var beside = $"{SftpTree.Parent(full)}/.{full[(full.LastIndexOf('/') + 1)..]}.{Guid.NewGuid():N}.tmp";
        try
        {
            await WritingAsync(
                path,
                async () =>
                {
                    using var stream = new MemoryStream(content.ToArray(), writable: false);
                    await _files.WriteAsync(beside, stream, 0, null, cancellationToken);
                },
                cancellationToken
            );
            await _shell.SyncAsync([beside], cancellationToken);
            await _files.ReplaceAsync(beside, full, cancellationToken);
            await _shell.SyncAsync([SftpTree.Parent(full)], cancellationToken);
        }
        catch
        {
            await DeleteLeftoverAsync(beside);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var length = await this.LengthAsync(path, cancellationToken) ?? 0;
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await WriteUnsyncedAsync(path, stream, length, null, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        var (source, target) = (_tree.Full(from), _tree.Full(to));
        if (await _files.StatAsync(target, cancellationToken) is not null)
        {
            throw StoreErrors.Exists(_tree.Place(to));
        }

        await WritingAsync(from, () => _files.RenameAsync(source, target, cancellationToken), cancellationToken);
        await _shell.SyncAsync([SftpTree.Parent(target)], cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        if (path.Length == 0)
        {
            throw StorePath.Outside(path, DisplayName);
        }

        var entry = await StatAsync(path, cancellationToken);
        if (entry is null)
        {
            return;
        }

        if (entry.IsLink)
        {
            await UnlinkAsync(path, cancellationToken);
            return;
        }

        if (!entry.IsDirectory)
        {
            await _files.DeleteFileAsync(_tree.Full(path), cancellationToken);
            return;
        }

        foreach (var below in await ListDirectoryAsync(path, cancellationToken))
        {
            await DeleteAsync(below.Path, cancellationToken);
        }

        await _files.DeleteDirectoryAsync(_tree.Full(path), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<long?> FreeBytesAsync(CancellationToken cancellationToken)
    {
        var place = Root;
        while (place.Length > 1 && await _files.StatAsync(place, cancellationToken) is null)
        {
            place = SftpTree.Parent(place);
        }

        return await _files.FreeBytesAsync(place, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeAsyncCore()
    {
        await _files.DisposeAsync();
        if (_ownsHost)
        {
            await _host.DisposeAsync();
        }

        await base.DisposeAsyncCore();
    }

    private async Task<IEnumerable<string>> SumsThereAsync(string[] paths, CancellationToken cancellationToken)
    {
        // All asked at once: over a long way each answer takes its time.
        var there = await Task.WhenAll(paths.Select(path => _tree.RefuseLinkAsync(path, cancellationToken)));
        var bytes = SnapshotStoreEntry.Total(paths.Zip(there).Select(f => f.Second ?? throw StoreErrors.Missing(_tree.Place(f.First))));
        return await _shell.FileSumsAsync([.. paths.Select(_tree.Full)], [.. paths.Select(_tree.Place)], bytes, cancellationToken);
    }

    private async Task<IEnumerable<string>> SumsHereAsync(string[] paths, CancellationToken cancellationToken)
    {
        var sums = new List<string>(paths.Length);
        foreach (var path in paths)
        {
            await using var stream = await OpenReadAsync(path, 0, cancellationToken);
            sums.Add((await StreamPump.HashAsync(stream, null, cancellationToken)).Sha256);
        }

        return sums;
    }

    /// <summary>Makes a directory, which somebody else may make at the same moment: SFTP then answers with a bare "Failure".</summary>
    private async Task MakeAsync(string full, CancellationToken cancellationToken)
    {
        try
        {
            await _files.CreateDirectoryAsync(full, cancellationToken);
        }
        catch (EtcdDrException)
        {
            if (await _files.StatAsync(full, cancellationToken) is not { IsDirectory: true, IsLink: false })
            {
                throw;
            }
        }
    }

    /// <summary>Cuts a file to a length.</summary>
    private async Task CutAsync(string path, string full, long length, CancellationToken cancellationToken)
    {
        if (length == 0)
        {
            await _files.DeleteFileAsync(full, cancellationToken);
            return;
        }

        if (await _shell.RunsAsync(cancellationToken))
        {
            await _shell.CutAsync(full, length, cancellationToken);
        }
    }

    private async Task UnlinkAsync(string path, CancellationToken cancellationToken)
    {
        if (!await _shell.RunsAsync(cancellationToken))
        {
            throw StorePath.Outside(path, DisplayName);
        }

        await _shell.UnlinkAsync(_tree.Full(path), cancellationToken);
    }

    /// <summary>SFTP answers a full disk with a bare "Failure", so the free space tells which it was.</summary>
    private async Task WritingAsync(string path, Func<Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (e is EtcdDrException { Category: EtcdDrErrorCategory.WriteError } or IOException)
        {
            if (await FreeBytesAsync(cancellationToken) is < MiB)
            {
                throw StoreErrors.Full(_tree.Place(path), e);
            }

            if (e is EtcdDrException)
            {
                throw;
            }

            throw StoreErrors.Writing(e, _tree.Place(path));
        }
        catch (EtcdDrException e) when (e.Category == EtcdDrErrorCategory.PermissionDenied)
        {
            throw StoreErrors.NotWritable(_tree.Place(path), e);
        }
    }

    private async Task DeleteLeftoverAsync(string full)
    {
        // Runs after a failure or a cancellation: its own short limit, and the first failure is the one that is told.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            if (await _files.StatAsync(full, limit.Token) is not null)
            {
                await _files.DeleteFileAsync(full, limit.Token);
            }
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            return;
        }
    }
}
