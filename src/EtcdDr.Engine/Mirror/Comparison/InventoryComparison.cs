using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Comparison;

/// <summary>
/// Sets the records of a snapshot against those of a cluster or another snapshot. Of each object of the snapshot only two short hashes are
/// kept, so memory is a hundred bytes an object; the snapshot's records are read a second time for the names of what is missing.
/// </summary>
internal sealed class InventoryComparison(string snapshot, string comparedWith, Action<InventoryDifference> emit)
{
    private readonly Dictionary<UInt128, Known> _known = [];
    private readonly PodComparison _pods = new();
    private readonly SortedDictionary<(string Group, string Kind), KindCounts> _counts = [];
    private readonly HashSet<(string Group, string? Kind)> _unread = [];
    private readonly HashSet<(string Group, string Kind)> _otherVersions = [];

    /// <summary>Kinds that the two sides were read in different versions of: only their presence could be compared.</summary>
    public IEnumerable<string> KindsOfOtherVersions => _otherVersions.Select(FullName).Order(StringComparer.Ordinal);

    /// <summary>Counts per kind, sorted by group and kind.</summary>
    public IEnumerable<InventoryKindSummary> Summaries =>
        _counts.Select(pair => new InventoryKindSummary
        {
            Group = pair.Key.Group,
            Kind = pair.Key.Kind,
            InSnapshot = pair.Value.InSnapshot,
            Compared = pair.Value.Compared,
            Missing = pair.Value.Of(InventoryChange.Missing),
            Added = pair.Value.Of(InventoryChange.Added),
            Changed = pair.Value.Of(InventoryChange.Changed),
            NotReady = pair.Value.Of(InventoryChange.NotReady),
            Snapshot = snapshot,
            ComparedWith = comparedWith,
        });

    /// <summary>Notes that a kind, or a whole group, cannot be read: nothing is said about it.</summary>
    public void Unread(string group, string? kind) => _unread.Add((group, kind));

    /// <summary>Compares. Both sides are read once, and the snapshot once more for its names.</summary>
    /// <param name="ours">Opens the records of the snapshot.</param>
    /// <param name="theirs">The records of the other side.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(
        Func<IAsyncEnumerable<InventoryRecord>> ours,
        IAsyncEnumerable<InventoryRecord> theirs,
        CancellationToken cancellationToken
    )
    {
        await foreach (var record in ours().WithCancellation(cancellationToken))
        {
            Remember(record);
        }

        await foreach (var record in theirs.WithCancellation(cancellationToken))
        {
            Compare(record);
        }

        await foreach (var record in ours().WithCancellation(cancellationToken))
        {
            Miss(record);
        }

        foreach (var (group, message) in _pods.Judge())
        {
            if (!_unread.Contains(("", "Pod")))
            {
                Report(InventoryChange.NotReady, group, message);
            }
        }
    }

    private void Remember(InventoryRecord record)
    {
        Counts(record).InSnapshot++;
        if (IsReplica(record))
        {
            _pods.Before(record);
            return;
        }

        _known[Key(record)] = new Known(record.Version, Digest(record), record.Ready);
    }

    private void Compare(InventoryRecord record)
    {
        Counts(record).Compared++;
        if (IsReplica(record))
        {
            _pods.Now(record);
            return;
        }

        var key = Key(record);
        if (!_known.TryGetValue(key, out var known))
        {
            _pods.Owner(record, exists: false);
            Report(InventoryChange.Added, record, null);
            return;
        }

        _known[key] = known with { Seen = true };
        var digest = Digest(record);
        var comparable = known.Digest is not null && digest is not null;
        if (comparable && known.Digest != digest && known.Version != record.Version)
        {
            _otherVersions.Add((record.Group, record.Kind));
            comparable = false;
        }

        var changed = comparable && known.Digest != digest;
        _pods.Owner(record, exists: true, changed);
        if (changed)
        {
            Report(InventoryChange.Changed, record, null);
        }
        else if (known.Ready == true && record.Ready == false)
        {
            Report(InventoryChange.NotReady, record, "The pod was ready when the snapshot was taken and is not now.");
        }
    }

    private void Miss(InventoryRecord record)
    {
        if (
            IsReplica(record)
            || _known[Key(record)].Seen
            || _unread.Contains((record.Group, record.Kind))
            || _unread.Contains((record.Group, null))
        )
        {
            return;
        }

        _pods.Owner(record, exists: false);
        Report(InventoryChange.Missing, record, null);
    }

    private void Report(InventoryChange change, InventoryRecord record, string? message)
    {
        Counts(record).Add(change);
        emit(
            new InventoryDifference
            {
                Change = change,
                Group = record.Group,
                Kind = record.Kind,
                Namespace = record.Namespace,
                Name = record.Name,
                Snapshot = snapshot,
                ComparedWith = comparedWith,
                Message = message,
            }
        );
    }

    private KindCounts Counts(InventoryRecord record)
    {
        if (!_counts.TryGetValue((record.Group, record.Kind), out var counts))
        {
            counts = _counts[(record.Group, record.Kind)] = new KindCounts();
        }

        return counts;
    }

    private static bool IsReplica(InventoryRecord record) => record.Owner is not null;

    private static string FullName((string Group, string Kind) kind) => kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";

    // No part may hold a NUL, so no two objects have one key; 128 bits leave no room for chance.
    private static UInt128 Key(InventoryRecord record)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{record.Group}\0{record.Kind}\0{record.Namespace}\0{record.Name}"), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private static UInt128? Digest(InventoryRecord record) =>
        record.Sha256 is { Length: 64 } text
            ? UInt128.Parse(text.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : null;

    private readonly record struct Known(string Version, UInt128? Digest, bool? Ready, bool Seen = false);

    private sealed class KindCounts
    {
        private readonly int[] _changes = new int[Enum.GetValues<InventoryChange>().Length];

        public int InSnapshot { get; set; }

        public int Compared { get; set; }

        public void Add(InventoryChange change) => _changes[(int)change]++;

        public int Of(InventoryChange change) => _changes[(int)change];
    }
}
