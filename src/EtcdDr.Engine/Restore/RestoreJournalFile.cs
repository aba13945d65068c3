using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The local journal, rewritten whole and synced whenever it changes. Changes that come while a write is under way share the next one, so that many nodes cost no more than
/// one.
/// </summary>
internal sealed class RestoreJournalFile : IDisposable
{
    private readonly ISnapshotStore _store;
    private readonly string _path;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly object _lock = new();
    private RestoreJournal _journal;
    private long _version;
    private long _written;

    public RestoreJournalFile(ISnapshotStore store, string path, RestoreJournal journal)
    {
        _store = store;
        _path = path;
        _journal = journal;
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

    /// <summary>Changes the journal and returns when the change is on disk.</summary>
    public async Task ChangeAsync(Func<RestoreJournal, RestoreJournal> change, CancellationToken cancellationToken)
    {
        long mine;
        lock (_lock)
        {
            _journal = change(_journal);
            mine = ++_version;
        }

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

    public void Dispose() => _writing.Dispose();
}
