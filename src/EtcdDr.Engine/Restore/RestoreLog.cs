using System.Globalization;
using System.Text;
using System.Threading.Channels;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The two logs of a restore, beside its journal: <c>restore.log</c> says what happened, <c>etcd_op.log</c> holds every remote command with its exit status
/// and duration. Times are UTC. A task of its own writes, in order, so that logging never holds up a cutover.
/// </summary>
internal sealed class RestoreLog : IAsyncDisposable
{
    private readonly ISnapshotStore _store;
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly Channel<(string File, string Line)> _lines = Channel.CreateUnbounded<(string, string)>(new() { SingleReader = true });
    private readonly Task _writing;

    public RestoreLog(ISnapshotStore store, string directory, TimeProvider time)
    {
        _store = store;
        _directory = directory;
        _time = time;
        _writing = WriteAllAsync();
    }

    /// <summary>Why the log could not be written, if so; logging then stopped.</summary>
    public Exception? Failure { get; private set; }

    public void Add(string level, string message) =>
        _lines.Writer.TryWrite(("restore.log", $"{Stamp(_time.GetUtcNow())} {level,-7} {OneLine(message)}"));

    public void Add(RemoteCommandRecord command)
    {
        var status = command.ExitStatus is { } exit ? exit.ToString(CultureInfo.InvariantCulture) : "none";
        var root = command.AsRoot ? "root" : "user";
        var arguments = string.Join(' ', command.Arguments.Select(Quote));
        var failure = command.Failure is null ? string.Empty : $" -- {OneLine(command.Failure)}";
        var line = $"{Stamp(command.Started)} {command.Host} {root} {command.Name} exit={status} {command.Duration.TotalSeconds:F3}s {arguments}{failure}";
        _lines.Writer.TryWrite(("etcd_op.log", line));
    }

    /// <summary>Waits until all that was added is written.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@+*".Contains(c, StringComparison.Ordinal)) ? argument : $"'{OneLine(argument)}'";

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
            if (batch.Length == 0 || Failure is not null)
            {
                continue;
            }

            try
            {
                await _store.AppendAsync($"{_directory}/{file}", Encoding.UTF8.GetBytes(batch.ToString()), CancellationToken.None);
            }
            catch (Exception e) when (e is EtcdDrException or IOException or UnauthorizedAccessException)
            {
                // A log that cannot be written must not end a cutover; the operation reports it at its end.
                Failure = e;
            }

            batch.Clear();
        }
    }
}
