using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The journal beside the snapshot, rewritten whole and synced whenever it changes. Changes that come while a write is under way share the
/// next one, so that many nodes cost no more than one. After staging it is best effort: the nodes' own journals rule, so neither a full
/// disk nor a lost host there fails a step or holds it up.
/// </summary>
internal sealed class RestoreJournalFile : IAsyncDisposable
{
    // What a write may hold up a step whose journal does not rule, and what the last one gets.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(20);

    private readonly ISnapshotStore _store;
    private readonly string _path;
    private readonly OperationContext _context;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly object _lock = new();
    private RestoreJournal _journal;
    private long _version;
    private long _written;
    private bool _bestEffort;
    private string? _failure;
    private Task _last = Task.CompletedTask;

    public RestoreJournalFile(ISnapshotStore store, string path, RestoreJournal journal, OperationContext context)
    {
        _store = store;
        _path = path;
        _journal = journal;
        _context = context;
    }

    /// <summary>The journal as it stands.</summary>
    public RestoreJournal Current
    {
        get
        {
            lock (_lock)
            {
                return _journal;
            }
        }
    }

    /// <summary>From now on a write that fails or is late is told at the end and stops nothing.</summary>
    public void BestEffort() => _bestEffort = true;

    /// <summary>Changes the journal and returns when the change is on disk, or where that is best effort, when it has had its
    /// time.</summary>
    public async Task ChangeAsync(Func<RestoreJournal, RestoreJournal> change, CancellationToken cancellationToken)
    {
        long mine;
        lock (_lock)
        {
            _journal = change(_journal);
            mine = ++_version;
        }

        if (!_bestEffort)
        {
            await WriteAsync(mine, cancellationToken);
            return;
        }

        // After one failure nobody waits any more; what is under way takes the newest text when its turn comes.
        if (_last.IsCompleted)
        {
            _last = TryAsync(mine);
        }

        if (_failure is null)
        {
            await Task.WhenAny(_last, Task.Delay(Patience, _context.Time, CancellationToken.None));
            _failure ??= _last.IsCompleted ? null : "a write took too long.";
        }
    }

    /// <summary>Writes what is not written yet, within a limit, and tells where that failed.</summary>
    public async ValueTask DisposeAsync()
    {
        var end = FinishAsync();
        await Task.WhenAny(end, Task.Delay(LastPatience, CancellationToken.None));
        if (!end.IsCompletedSuccessfully || _written < _version)
        {
            _context.Sink.Warning(
                $"The journal '{_path}' in {_store.DisplayName} is not up to date: {_failure} What was done to the cluster stands in "
                    + "the journals on its nodes."
            );
        }
    }

    private async Task FinishAsync()
    {
        await _last;
        if (_written < _version)
        {
            await TryAsync(_version);
        }
    }

    private async Task TryAsync(long mine)
    {
        try
        {
            await WriteAsync(mine, CancellationToken.None);
            _failure = null;
        }
        catch (Exception e) when (e is EtcdDrException or IOException or UnauthorizedAccessException)
        {
            _failure = e.Message;
        }
    }

    private async Task WriteAsync(long mine, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_written >= mine)
            {
                return;
            }

            RestoreJournal journal;
            long version;
            lock (_lock)
            {
                journal = _journal;
                version = _version;
            }

            await _store.WriteWholeAsync(_path, journal.ToJson(), cancellationToken);
            _written = version;
        }
        finally
        {
            _writing.Release();
        }
    }
}
