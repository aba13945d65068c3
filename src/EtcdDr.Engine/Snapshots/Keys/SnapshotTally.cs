using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>Adds up keys by kind and by namespace and keeps the largest. Memory: an entry for each kind and namespace, up to a
/// bound.</summary>
internal sealed class SnapshotTally(int largest)
{
    private const int MaximumEntries = 100_000;
    private const string Rest = "(others)";
    private readonly Dictionary<string, (long Count, long Bytes)> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Count, long Bytes)> _namespaces = new(StringComparer.Ordinal);
    private readonly PriorityQueue<EtcdSnapshotKey, int> _largest = new();
    private long _keys;
    private long _bytes;

    internal void Add(EtcdSnapshotKey key)
    {
        var bytes = key.Key.Length + (long)key.Size;
        _keys++;
        _bytes += bytes;
        Add(_kinds, key.Kind ?? string.Empty, bytes);
        Add(_namespaces, key.Namespace ?? string.Empty, bytes);
        if (_largest.Count < largest)
        {
            _largest.Enqueue(key, key.Size);
        }
        else if (largest > 0)
        {
            _largest.EnqueueDequeue(key, key.Size);
        }
    }

    internal EtcdSnapshotMeasure ToMeasure(string snapshot, DatabaseSummary summary) =>
        new()
        {
            Snapshot = snapshot,
            Revision = summary.Revision,
            Keys = _keys,
            Bytes = _bytes,
            Versions = summary.Records,
            DbSize = summary.DbSize,
            BytesInUse = summary.BytesInUse,
            Kinds = Shares(_kinds),
            Namespaces = Shares(_namespaces),
            Largest = _largest
                .UnorderedItems.Select(i => i.Element)
                .OrderByDescending(k => k.Size)
                .ThenBy(k => k.Key, StringComparer.Ordinal)
                .ToList(),
        };

    private static void Add(Dictionary<string, (long Count, long Bytes)> shares, string name, long bytes)
    {
        name = shares.Count < MaximumEntries || shares.ContainsKey(name) ? name : Rest;
        var (count, sum) = shares.GetValueOrDefault(name);
        shares[name] = (count + 1, sum + bytes);
    }

    private static List<EtcdSnapshotShare> Shares(Dictionary<string, (long Count, long Bytes)> shares) =>
        shares
            .Select(s => new EtcdSnapshotShare(s.Key, s.Value.Count, s.Value.Bytes))
            .OrderByDescending(s => s.Bytes)
            .ThenBy(s => s.Name, StringComparer.Ordinal)
            .ToList();
}
