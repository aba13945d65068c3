using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

/// <summary>
/// What is done on an SSH host by commands, where its account has a shell: sums without sending the file back, bringing to disk, cutting.
/// An account that may only use SFTP answers that it has none, and what can be done without is done without. Paths are absolute ones of the
/// host; places are what messages call them.
/// </summary>
internal sealed class SftpShell(IRemoteHost host)
{
    /// <summary>The unit in which commands address a file.</summary>
    public const long MiB = 1024 * 1024;

    private readonly object _lock = new();
    private Task<Kind>? _kind;

    /// <summary>What an account may run.</summary>
    private enum Kind
    {
        /// <summary>SFTP only.</summary>
        None,

        /// <summary>Commands.</summary>
        Runs,

        /// <summary>Commands, and the tools for <see cref="SnapshotStoreCommands.Receive"/> are there.</summary>
        Receives,
    }

    /// <summary>Whether commands can be run there. Asked once.</summary>
    public async Task<bool> RunsAsync(CancellationToken cancellationToken) => await KindAsync(cancellationToken) != Kind.None;

    /// <summary>Whether it can take a stream and sum it at the same time.</summary>
    public async Task<bool> ReceivesAsync(CancellationToken cancellationToken) => await KindAsync(cancellationToken) == Kind.Receives;

    /// <summary>SHA-256 of consecutive blocks of a file; offset and size are multiples of 1 MiB.</summary>
    public async Task<IReadOnlyList<string>> BlockSumsAsync(
        string path,
        string place,
        long offset,
        long blockSize,
        int count,
        CancellationToken cancellationToken
    )
    {
        var command = SnapshotStoreCommands.BlockSums.With(path, $"{offset / MiB}", $"{blockSize / MiB}", $"{count}") with
        {
            Timeout = TimeToHash(blockSize * count),
        };
        var result = await host.RunAsync(command, cancellationToken);
        var sums = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Sum(line, place)).ToList();
        return sums.Count == count ? sums : throw BadAnswer(place);
    }

    /// <summary>SHA-256 of whole files.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="places">What messages call them.</param>
    /// <param name="bytes">Bytes in all of them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IEnumerable<string>> FileSumsAsync(string[] paths, string[] places, long bytes, CancellationToken cancellationToken)
    {
        var command = SnapshotStoreCommands.FileSums.With(paths) with { Timeout = TimeToHash(bytes) };
        var lines = (await host.RunAsync(command, cancellationToken)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == paths.Length ? lines.Zip(places, Sum) : throw BadAnswer(places[0]);
    }

    /// <summary>Cuts a file to a length.</summary>
    public Task CutAsync(string path, long length, CancellationToken cancellationToken) =>
        host.RunAsync(SnapshotStoreCommands.Cut.With(path, $"{length}"), cancellationToken);

    /// <summary>Removes a symbolic link, and never what it leads to.</summary>
    public Task UnlinkAsync(string path, CancellationToken cancellationToken) =>
        host.RunAsync(SnapshotStoreCommands.Unlink.With(path), cancellationToken);

    /// <summary>Brings files and directories to disk; without a shell that is left to the SFTP server.</summary>
    public async Task SyncAsync(string[] paths, CancellationToken cancellationToken)
    {
        if (await RunsAsync(cancellationToken))
        {
            await host.RunAsync(SnapshotStoreCommands.Sync.With(paths), cancellationToken);
        }
    }

    /// <summary>Writes a stream to a file from an offset on, in whatever form gets there sooner.</summary>
    /// <returns>SHA-256 of what the file then holds from <paramref name="sumFrom"/> on.</returns>
    public async Task<string> ReceiveAsync(
        string path,
        string place,
        Stream source,
        long offset,
        long length,
        long sumFrom,
        CancellationToken cancellationToken
    )
    {
        var (wire, form) = await LinkTrial.ChooseAsync(host, source, length, streams: 1, cancellationToken);
        await using var sending = wire;
        try
        {
            return Sum(
                (
                    await host.WriteAsync(
                        SnapshotStoreCommands.Receive.With(path, $"{offset}", form, $"{sumFrom}"),
                        wire,
                        cancellationToken
                    )
                ).Text,
                place
            );
        }
        catch (EtcdDrException e) when (e.ErrorId == "RemoteCommandFailed")
        {
            throw new EtcdDrException(
                "SnapshotWriteFailed",
                EtcdDrErrorCategory.WriteError,
                Errors.SnapshotWriteFailed.With(place, e.Message),
                e.RecommendedAction,
                place,
                e
            );
        }
    }

    // At 20 MB/s the slowest disk worth its name is done by then.
    private static TimeSpan TimeToHash(long bytes) => TimeSpan.FromSeconds(60 + (bytes / 20_000_000));

    private static bool IsSum(string text) => text.Length >= 64 && text.Take(64).All(char.IsAsciiHexDigitLower);

    private static string Sum(string line, string place) => IsSum(line) ? line[..64] : throw BadAnswer(place);

    private static EtcdDrException BadAnswer(string place) =>
        new(
            "SnapshotReadFailed",
            EtcdDrErrorCategory.ReadError,
            Errors.SnapshotReadFailed_Checksum.With(place),
            Errors.SnapshotReadFailed_Checksum_Action,
            place
        );

    private Task<Kind> KindAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_kind is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _kind = ProbeAsync(cancellationToken);
            }

            return _kind;
        }
    }

    private async Task<Kind> ProbeAsync(CancellationToken cancellationToken)
    {
        const string word = "etcddr";
        try
        {
            return (await host.RunAsync(SnapshotStoreCommands.Probe.With(word), cancellationToken)).Text switch
            {
                word + " receive" => Kind.Receives,
                word => Kind.Runs,
                _ => Kind.None,
            };
        }
        catch (EtcdDrException e) when (e.ErrorId is "RemoteCommandFailed" or "RemoteCommandTimeout" or "LoginShellUnsupported")
        {
            // An account that may only use SFTP refuses or ignores commands; that is an answer.
            return Kind.None;
        }
    }
}
