using System.Text.Json;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Restore;

/// <summary>What surrounds everything that is done to a cluster in the name of a restore: its lock, its logs, its journal and its report,
/// in a directory of its own.</summary>
internal sealed class RestoreShell : IAsyncDisposable
{
    private readonly ClusterSession _session;
    private readonly RestoreOptions _options;
    private readonly string _activity;
    private readonly ISnapshotStore _store;
    private readonly ClusterLock _lock;
    private readonly RestoreLog _log;
    private readonly OperationContext _outer;
    private readonly Action<RemoteCommandRecord>? _earlierLog;
    private readonly List<RestoreJournalFile> _journals = [];

    private RestoreShell(
        ClusterSession session,
        RestoreOptions options,
        string activity,
        ISnapshotStore store,
        ClusterLock held,
        string attempt,
        DateTime started
    )
    {
        (_session, _options, _activity, _store, _lock, Attempt, Started) = (session, options, activity, store, held, attempt, started);
        _outer = session.Context;
        _log = new RestoreLog(store, attempt, _outer);
        Context = new OperationContext(new LoggingSink(_outer.Sink, _log), _outer.ThrottleLimit, _outer.Time);
        _earlierLog = _outer.CommandLog;
        _outer.CommandLog = record =>
        {
            _log.Add(record);
            _earlierLog?.Invoke(record);
        };
    }

    /// <summary>Where messages of the operation go: to its sink and into its log.</summary>
    public OperationContext Context { get; }

    /// <summary>The directory of logs, journal and report, relative to the store.</summary>
    public string Attempt { get; }

    /// <summary>The same as people are told it.</summary>
    public string LogPath => $"{_store.DisplayName}/{Attempt}";

    /// <summary>When it began, UTC.</summary>
    public DateTime Started { get; }

    /// <summary>Takes the lock and opens the logs.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodes">Its control-plane nodes that answer.</param>
    /// <param name="store">Where logs, journal and report are kept.</param>
    /// <param name="kind">First word of the directory's name: <c>restore</c>, <c>undo</c>, <c>complete</c>.</param>
    /// <param name="purpose">What is done, as somebody is told who waits for the lock.</param>
    /// <param name="activity">What is done, as its progress is headed.</param>
    /// <param name="options">What the operator chose.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>; the store cannot be written.</exception>
    public static async Task<RestoreShell> OpenAsync(
        ClusterSession session,
        IEnumerable<ClusterNode> nodes,
        ISnapshotStore store,
        string kind,
        string purpose,
        string activity,
        RestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        var held = await ClusterLock.TakeAsync(session, nodes, LockMode.Exclusive, purpose, options.BreakLock, cancellationToken);
        try
        {
            var started = session.Context.Time.GetUtcNow().UtcDateTime;
            var attempt = $"{kind}_attempted_{SnapshotNames.Stamp(started)}";
            await store.CreateDirectoryAsync(attempt, cancellationToken);
            return new RestoreShell(session, options, activity, store, held, attempt, started);
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a line to the log.</summary>
    public void Note(string message) => _log.Add("INFO", message);

    /// <summary>A run over nodes, with a journal of its own in the shell's directory.</summary>
    /// <param name="session">The connections that it uses.</param>
    /// <param name="journal">What the journal begins with.</param>
    /// <param name="nodes">The nodes.</param>
    public RestoreRun Run(ClusterSession session, RestoreJournal journal, IReadOnlyList<RestoreNode> nodes)
    {
        var file = new RestoreJournalFile(_store, $"{Attempt}/journal.json", journal, Context);
        _journals.Add(file);
        return new RestoreRun(session, Context, file, nodes, _options, _activity) { Lock = _lock };
    }

    /// <summary>Does the work; how it fails stands in the log too.</summary>
    public async Task<EtcdRestore> RunAsync(Func<Task<EtcdRestore>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            _log.Add(
                "ERROR",
                e is EtcdDrException known ? $"{known.ErrorId}: {known.Message} {known.RecommendedAction}" : "The operation was stopped."
            );
            throw;
        }
    }

    /// <summary>Writes the report. A report that cannot be written is told, and changes nothing about what it would have said.</summary>
    public async Task ReportAsync(EtcdRestore report, CancellationToken cancellationToken)
    {
        try
        {
            await _store.WriteWholeAsync(
                $"{Attempt}/report.json",
                JsonSerializer.SerializeToUtf8Bytes(report, RestoreJsonContext.Default.EtcdRestore),
                cancellationToken
            );
        }
        catch (Exception e) when (e is EtcdDrException or IOException or UnauthorizedAccessException)
        {
            Context.Sink.Warning($"The report could not be written to {LogPath}: {e.Message}");
        }

        Context.Sink.Verbose($"{report.State}: {report.Message}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _outer.CommandLog = _earlierLog;
        foreach (var journal in _journals)
        {
            await journal.DisposeAsync();
        }

        await _log.DisposeAsync();
        await _lock.DisposeAsync();
        _outer.Sink.Progress(new ProgressUpdate(_activity, null, "Done") { Completed = true });
    }
}
