using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror.Comparison;

/// <summary>The objects of a snapshot: from its inventory or, where it has none (backups of the MAA scripts, bare databases), from its
/// database.</summary>
internal sealed class SnapshotRecords : IAsyncDisposable
{
    private readonly SnapshotReader _reader;
    private readonly Action<string> _warn;
    private LocalDatabase? _copy;
    private EtcdDatabase? _database;
    private bool _warned;

    private SnapshotRecords(SnapshotReader reader, Action<string> warn)
    {
        _reader = reader;
        _warn = warn;
    }

    /// <summary>The snapshot, for people.</summary>
    public string Snapshot => _reader.Snapshot.ToString();

    /// <summary>Opens a snapshot.</summary>
    /// <exception cref="EtcdDrException">It cannot be read.</exception>
    public static async Task<SnapshotRecords> OpenAsync(
        EtcdSnapshot snapshot,
        IRemoteHostFactory hosts,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var records = new SnapshotRecords(
            await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken),
            context.Sink.Warning
        );
        try
        {
            await records.PrepareAsync(cancellationToken);
            return records;
        }
        catch
        {
            await records.DisposeAsync();
            throw;
        }
    }

    /// <summary>The records; can be read again.</summary>
    public IAsyncEnumerable<InventoryRecord> ReadAsync(CancellationToken cancellationToken)
    {
        if (_database is null)
        {
            return FromInventoryAsync(cancellationToken);
        }

        var warn = _warned ? _ => { } : _warn;
        _warned = true;
        return DatabaseInventory.ReadAsync(_database, warn, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database?.Dispose();
        _copy?.Dispose();
        return _reader.DisposeAsync();
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _reader.UnlockAsync(cancellationToken);
        if (_reader.ContentPaths.Contains(InventoryReader.RecordsPath, StringComparer.Ordinal))
        {
            return;
        }

        _copy = await LocalDatabase.OpenAsync(_reader, null, cancellationToken);
        _database = EtcdDatabase.Open(_copy.OpenSource());
        _warn(
            $"'{Snapshot}' holds no inventory; its database tells which objects there were, so missing and added ones are found, "
                + "changed ones are not."
        );
    }

    private async IAsyncEnumerable<InventoryRecord> FromInventoryAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stream = await _reader.OpenFileAsync(InventoryReader.RecordsPath, cancellationToken);
        await foreach (var record in InventoryReader.ReadAsync(stream, cancellationToken))
        {
            yield return record;
        }
    }
}
