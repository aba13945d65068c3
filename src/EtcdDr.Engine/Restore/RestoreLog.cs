using System.Globalization;
using System.Text;
using System.Threading.Channels;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The two logs of a restore, beside its journal: <c>restore.log</c> says what happened, <c>etcd_op.log</c> holds every remote command with
/// its exit status and duration. Times are UTC. A task of its own writes, in order, so that logging never holds up a cutover. What is
/// written is brought to disk at the end only: where the logs are on an SSH host that takes a command, which would be a line of the log,
/// which would have to be brought to disk, without end.
/// </summary>
internal sealed class RestoreLog : IAsyncDisposable
{
    private readonly ISnapshotStore _store;
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly IOperationSink _sink;
    private readonly Channel<(string File, string Line)> _lines = Channel.CreateUnbounded<(string, string)>(new() { SingleReader = true });
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly Task _writing;
    private Exception? _failure;

    /// <param name="store">Where the logs are.</param>
    /// <param name="directory">Their directory in it.</param>
    /// <param name="context">The clock, and who is warned at the end of a log that could not be written.</param>
    public RestoreLog(ISnapshotStore store, string directory, OperationContext context)
    {
        _store = store;
        _directory = directory;
        _time = context.Time;
        _sink = context.Sink;
        _writing = WriteAllAsync();
    }

    public void Add(string level, string message) =>
        _lines.Writer.TryWrite(("restore.log", $"{Stamp(_time.GetUtcNow())} {level, -7} {OneLine(message)}"));

    public void Add(RemoteCommandRecord command)
    {
        var status = command.ExitStatus is { } exit ? exit.ToString(CultureInfo.InvariantCulture) : "none";
        var root = command.AsRoot ? "root" : "user";
        var arguments = string.Join(' ', command.Arguments.Select(Quote));
        var failure = command.Failure is null ? string.Empty : $" -- {OneLine(command.Failure)}";
        var line =
            $"{Stamp(command.Started)} {command.Host} {root} {command.Name} exit={status} {command.Duration.TotalSeconds:F3}s "
            + $"{arguments}{failure}";
        _lines.Writer.TryWrite(("etcd_op.log", line));
    }

    /// <summary>Waits until all that was added is written and on disk. What is added from now on is not written any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
        await TryAsync(() => _store.SyncAsync([.. _written.Select(PathOf)], CancellationToken.None));
        if (_failure is not null)
        {
            _sink.Warning(
                $"The logs in '{_directory}' of {_store.DisplayName} are not whole: {_failure.Message} What was done to the cluster "
                    + "stands in the journals on its nodes."
            );
        }
    }

    private static string Stamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@+*".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{OneLine(argument)}'";

    private async Task WriteAllAsync()
    {
        var batches = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        while (await _lines.Reader.WaitToReadAsync())
        {
            while (_lines.Reader.TryRead(out var line))
            {
                if (!batches.TryGetValue(line.File, out var batch))
                {
                    batches[line.File] = batch = new StringBuilder();
                }

                batch.Append(line.Line).Append('\n');
            }

            await FlushAsync(batches);
        }
    }

    private async Task FlushAsync(Dictionary<string, StringBuilder> batches)
    {
        foreach (var (file, batch) in batches)
        {
            if (batch.Length == 0)
            {
                continue;
            }

            await TryAsync(() => _store.AppendAsync(PathOf(file), Encoding.UTF8.GetBytes(batch.ToString()), CancellationToken.None));
            _written.Add(file);
            batch.Clear();
        }
    }

    private string PathOf(string file) => $"{_directory}/{file}";

    // A log that cannot be written must not end a cutover; it is told at the end.
    private async Task TryAsync(Func<Task> write)
    {
        if (_failure is not null)
        {
            return;
        }

        try
        {
            await write();
        }
        catch (Exception e) when (e is EtcdDrException or IOException or UnauthorizedAccessException)
        {
            _failure = e;
        }
    }
}
