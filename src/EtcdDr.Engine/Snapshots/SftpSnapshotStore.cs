using System.Runtime.CompilerServices;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// A directory of an SSH host, seen over SFTP as the SSH user. Where the account has a shell, sums are computed there; an SFTP-only account is
/// served too.
/// </summary>
public sealed class SftpSnapshotStore : ISnapshotStore
{
    private const long MiB = 1024 * 1024;
    private const int PathsPerCommand = 200;

    private readonly IRemoteFiles _files;
    private readonly bool _ownsHost;
    private readonly object _shellLock = new();
    private Task<Shell>? _shell;
    private string? _realRoot;

    private SftpSnapshotStore(IRemoteHost host, IRemoteFiles files, string root, bool ownsHost)
    {
        Host = host;
        _files = files;
        Root = root;
        _ownsHost = ownsHost;
    }

    /// <inheritdoc/>
    public string DisplayName => $"{Host.Name}:{Root}";

    /// <inheritdoc/>
    public string Root { get; }

    /// <summary>The host.</summary>
    internal IRemoteHost Host { get; }

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
    public async Task<long?> LengthAsync(string path, CancellationToken cancellationToken) => await StatAsync(path, cancellationToken) switch
    {
        null => null,
        { IsDirectory: true } => -1,
        var entry => entry.Size,
    };

    /// <inheritdoc/>
    public async Task<SnapshotStoreEntry?> StatAsync(string path, CancellationToken cancellationToken)
    {
        var file = await _files.StatAsync(Full(path), cancellationToken);
        if (file is null)
        {
            return null;
        }

        if (path.Length == 0)
        {
            // The store itself may be reached by links; that is its owner's business.
            _realRoot = file.RealPath;
            return Entry(path, file with { IsLink = false });
        }

        return Entry(path, file with { IsLink = file.IsLink || await LeadsElsewhereAsync(path, file, cancellationToken) });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SnapshotStoreEntry>> ListDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var files = await _files.ListAsync(Full(path), cancellationToken);
        return files

            // A server that names anything but what is in the directory, or one thing twice, is not believed.
            .Where(f => f.Name.Length > 0 && f.Name is not ("." or "..") && !f.Name.Contains('/', StringComparison.Ordinal))
            .DistinctBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => Entry(StorePath.Combine(path, f.Name), f))
            .OrderBy(e => e.Path, StringComparer.Ordinal)
            .ToList();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SnapshotStoreEntry> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await ListDirectoryAsync(path, cancellationToken))
        {
            yield return entry;
            if (!entry.IsDirectory)
            {
                continue;
            }

            await foreach (var below in ListAsync(entry.Path, cancellationToken))
            {
                yield return below;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset, CancellationToken cancellationToken)
    {
        await RefuseLinkAsync(path, cancellationToken);
        return await _files.OpenReadAsync(Full(path), offset, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> BlockSumsAsync(string path, long offset, long blockSize, int count, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return [];
        }

        if (offset % MiB != 0 || blockSize % MiB != 0 || !await HasShellAsync(cancellationToken))
        {
            await using var stream = await OpenReadAsync(path, offset, cancellationToken);
            return await StreamPump.BlockSumsAsync(stream, blockSize, count, cancellationToken);
        }

        await RefuseLinkAsync(path, cancellationToken);
        var command = SnapshotStoreCommands.BlockSums.With(
            Full(path), $"{offset / MiB}", $"{blockSize / MiB}", $"{count}") with { Timeout = TimeToHash(blockSize * count) };
        var result = await Host.RunAsync(command, cancellationToken);
        var sums = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Sum(line, path)).ToList();
        return sums.Count == count ? sums : throw BadAnswer(path);
    }

    /// <inheritdoc/>
    public async Task<string> Sha256Async(string path, CancellationToken cancellationToken) => (await Sha256Async([path], cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> Sha256Async(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var shell = await HasShellAsync(cancellationToken);
        var sums = new List<string>(paths.Count);
        foreach (var batch in paths.Chunk(PathsPerCommand))
        {
            sums.AddRange(shell ? await SumsThereAsync(batch, cancellationToken) : await SumsHereAsync(batch, cancellationToken));
        }

        return sums;
    }

    /// <inheritdoc/>
    public async Task CreateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var full = Full(path);
        var missing = new Stack<string>();
        for (var place = full; place.Length > 1; place = Parent(place))
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
    public async Task WriteAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await WriteUnsyncedAsync(path, source, offset, progress, cancellationToken);
        await SyncAsync([path], cancellationToken);
    }

    /// <inheritdoc/>
    public async Task WriteUnsyncedAsync(string path, Stream source, long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var full = Full(path);

        // SFTP's write leaves what stands behind the last byte; a file that is too long is made anew or cut by the shell.
        if (await RefuseLinkAsync(path, cancellationToken) is { } there && there.Size > offset)
        {
            await CutAsync(path, full, offset, cancellationToken);
        }

        await WritingAsync(path, () => _files.WriteAsync(full, source, offset, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string> WriteSummedAsync(string path, Stream source, long offset, long length, long sumFrom, CancellationToken cancellationToken)
    {
        if (await ShellAsync(cancellationToken) == Shell.Receives)
        {
            await RefuseLinkAsync(path, cancellationToken);
            return await ReceiveAsync(path, source, offset, length, sumFrom, cancellationToken);
        }

        await WriteUnsyncedAsync(path, source, offset, null, cancellationToken);
        return (await BlockSumsAsync(path, sumFrom, (Math.Max(1, offset + length - sumFrom) + MiB - 1) / MiB * MiB, 1, cancellationToken))[0];
    }

    /// <inheritdoc/>
    public async Task SyncAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var batch in paths.Select(Full).Chunk(PathsPerCommand))
        {
            await SyncFullAsync(batch, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task WriteWholeAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var full = Full(path);
        var beside = $"{Parent(full)}/.{full[(full.LastIndexOf('/') + 1)..]}.{Guid.NewGuid():N}.tmp";
        try
        {
            await WritingAsync(
                path,
                async () =>
                {
                    using var stream = new MemoryStream(content.ToArray(), writable: false);
                    await _files.WriteAsync(beside, stream, 0, null, cancellationToken);
                },
                cancellationToken);
            await SyncFullAsync([beside], cancellationToken);
            await _files.ReplaceAsync(beside, full, cancellationToken);
            await SyncFullAsync([Parent(full)], cancellationToken);
        }
        catch
        {
            await DeleteLeftoverAsync(beside);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var length = await LengthAsync(path, cancellationToken) ?? 0;
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await WriteUnsyncedAsync(path, stream, length, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        var (source, target) = (Full(from), Full(to));
        if (await _files.StatAsync(target, cancellationToken) is not null)
        {
            throw StoreErrors.Exists(Place(to));
        }

        await WritingAsync(from, () => _files.RenameAsync(source, target, cancellationToken), cancellationToken);
        await SyncFullAsync([Parent(target)], cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
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
            await _files.DeleteFileAsync(Full(path), cancellationToken);
            return;
        }

        foreach (var below in await ListDirectoryAsync(path, cancellationToken))
        {
            await DeleteAsync(below.Path, cancellationToken);
        }

        await _files.DeleteDirectoryAsync(Full(path), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<long?> FreeBytesAsync(CancellationToken cancellationToken)
    {
        var place = Root;
        while (place.Length > 1 && await _files.StatAsync(place, cancellationToken) is null)
        {
            place = Parent(place);
        }

        return await _files.FreeBytesAsync(place, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        if (_ownsHost)
        {
            await Host.DisposeAsync();
        }
    }

    /// <summary>The absolute path on the host.</summary>
    internal string Full(string path)
    {
        StorePath.Check(path, DisplayName);
        return Below(Root, path);
    }

    // At 20 MB/s the slowest disk worth its name is done by then.
    private static TimeSpan TimeToHash(long bytes) => TimeSpan.FromSeconds(60 + (bytes / 20_000_000));

    private static string Parent(string full)
    {
        var slash = full.LastIndexOf('/');
        return slash <= 0 ? "/" : full[..slash];
    }

    private static SnapshotStoreEntry Entry(string path, RemoteFile file) => file.IsLink
        ? new(path, IsDirectory: false, 0, Mode: null, file.Modified) { IsLink = true }
        : new(path, file.IsDirectory, file.IsDirectory ? 0 : file.Size, file.Mode, file.Modified);

    private static bool IsSum(string text) => text.Length >= 64 && text.Take(64).All(char.IsAsciiHexDigitLower);

    /// <summary>What stands at a path that is about to be read or written.</summary>
    private async Task<SnapshotStoreEntry?> RefuseLinkAsync(string path, CancellationToken cancellationToken)
    {
        var entry = await StatAsync(path, cancellationToken);
        return entry is { IsLink: true } ? throw StorePath.Outside(path, DisplayName) : entry;
    }

    /// <summary>Whether the last part of a path is a link; one on the way to it leads out of the store and is refused.</summary>
    private async Task<bool> LeadsElsewhereAsync(string path, RemoteFile file, CancellationToken cancellationToken)
    {
        if (file.RealPath is not { } real)
        {
            return false;
        }

        _realRoot ??= (await _files.StatAsync(Root, cancellationToken))?.RealPath ?? Root;
        if (real == Below(_realRoot, path))
        {
            return false;
        }

        var directory = StorePath.Parent(path);
        var holds = (await _files.StatAsync(Full(directory), cancellationToken))?.RealPath;
        return holds is null || holds == Below(_realRoot, directory) ? true : throw StorePath.Outside(path, DisplayName);
    }

    private static string Below(string root, string path) => path.Length == 0 ? root : root == "/" ? $"/{path}" : $"{root}/{path}";

    private string Sum(string line, string path) => IsSum(line) ? line[..64] : throw BadAnswer(path);

    private EtcdDrException BadAnswer(string path) => new(
        "SnapshotReadFailed",
        EtcdDrErrorCategory.ReadError,
        Errors.SnapshotReadFailed_Checksum.With(Place(path)),
        Errors.SnapshotReadFailed_Checksum_Action,
        Place(path));

    private string Place(string path) => path.Length == 0 ? DisplayName : $"{Host.Name}:{(Root == "/" ? string.Empty : Root)}/{path}";

    private async Task<IEnumerable<string>> SumsThereAsync(string[] paths, CancellationToken cancellationToken)
    {
        // All asked at once: over a long way each answer takes its time.
        var there = await Task.WhenAll(paths.Select(path => RefuseLinkAsync(path, cancellationToken)));
        var bytes = paths.Zip(there).Sum(f => f.Second?.Size ?? throw StoreErrors.Missing(Place(f.First)));
        var command = SnapshotStoreCommands.FileSums.With([.. paths.Select(Full)]) with { Timeout = TimeToHash(bytes) };
        var lines = (await Host.RunAsync(command, cancellationToken)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == paths.Length ? lines.Zip(paths, Sum) : throw BadAnswer(paths[0]);
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

        if (await HasShellAsync(cancellationToken))
        {
            await Host.RunAsync(SnapshotStoreCommands.Cut.With(full, $"{length}"), cancellationToken);
        }
    }

    private async Task UnlinkAsync(string path, CancellationToken cancellationToken)
    {
        if (!await HasShellAsync(cancellationToken))
        {
            throw StorePath.Outside(path, DisplayName);
        }

        await Host.RunAsync(SnapshotStoreCommands.Unlink.With(Full(path)), cancellationToken);
    }

    private async Task<bool> HasShellAsync(CancellationToken cancellationToken) => await ShellAsync(cancellationToken) != Shell.None;

    /// <summary>What commands can be run there. Asked once.</summary>
    private Task<Shell> ShellAsync(CancellationToken cancellationToken)
    {
        lock (_shellLock)
        {
            if (_shell is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _shell = ProbeAsync(cancellationToken);
            }

            return _shell;
        }
    }

    private async Task<Shell> ProbeAsync(CancellationToken cancellationToken)
    {
        const string word = "etcddr";
        try
        {
            return (await Host.RunAsync(SnapshotStoreCommands.Probe.With(word), cancellationToken)).Text switch
            {
                word + " receive" => Shell.Receives,
                word => Shell.Runs,
                _ => Shell.None,
            };
        }
        catch (EtcdDrException e) when (e.ErrorId is "RemoteCommandFailed" or "RemoteCommandTimeout" or "LoginShellUnsupported")
        {
            // An account that may only use SFTP refuses or ignores commands; that is an answer.
            return Shell.None;
        }
    }

    private async Task<string> ReceiveAsync(string path, Stream source, long offset, long length, long sumFrom, CancellationToken cancellationToken)
    {
        var answer = string.Empty;
        await WritingAsync(
            path,
            async () =>
            {
                var (wire, form) = await LinkTrial.ChooseAsync(Host, source, length, streams: 1, cancellationToken);
                await using var sending = wire;
                answer = await ReceiveAsync(SnapshotStoreCommands.Receive.With(Full(path), $"{offset}", form, $"{sumFrom}"), wire, path, cancellationToken);
            },
            cancellationToken);
        return Sum(answer, path);
    }

    private async Task<string> ReceiveAsync(RemoteCommand command, Stream wire, string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await Host.WriteAsync(command, wire, cancellationToken)).Text;
        }
        catch (EtcdDrException e) when (e.ErrorId == "RemoteCommandFailed")
        {
            throw new EtcdDrException(
                "SnapshotWriteFailed", EtcdDrErrorCategory.WriteError, Errors.SnapshotWriteFailed.With(Place(path), e.Message), e.RecommendedAction, Place(path), e);
        }
    }

    private async Task SyncFullAsync(string[] paths, CancellationToken cancellationToken)
    {
        if (await HasShellAsync(cancellationToken))
        {
            await Host.RunAsync(SnapshotStoreCommands.Sync.With(paths), cancellationToken);
        }
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
                throw StoreErrors.Full(Place(path), e);
            }

            if (e is EtcdDrException)
            {
                throw;
            }

            throw StoreErrors.Writing(e, Place(path));
        }
        catch (EtcdDrException e) when (e.Category == EtcdDrErrorCategory.PermissionDenied)
        {
            throw StoreErrors.NotWritable(Place(path), e);
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

    /// <summary>What an account may run.</summary>
    private enum Shell
    {
        /// <summary>SFTP only.</summary>
        None,

        /// <summary>Commands.</summary>
        Runs,

        /// <summary>Commands, and the tools for <see cref="SnapshotStoreCommands.Receive"/> are there.</summary>
        Receives,
    }
}
