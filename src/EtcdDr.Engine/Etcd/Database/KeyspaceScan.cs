using System.Runtime.ExceptionServices;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Reads the bucket <c>key</c> in parts, several at once, and puts together what they found in the order of revisions. Memory: the parts at
/// work, about 250 bytes for each 64 leaf pages, and the <see cref="LiveIndex"/>.
/// </summary>
internal sealed class KeyspaceScan
{
    private const int PartsAtOnce = 16;
    private const int RevisionKeyBytes = 18;
    private readonly BoltFile _file;
    private readonly PageBitmap? _visited;
    private readonly CancellationToken _cancellationToken;
    private readonly List<KeyPart> _parts;
    private readonly Stack<TreeWalker> _checking = new();
    private readonly Stack<TreeWalker> _looking = new();

    internal KeyspaceScan(BoltFile file, TreePart root, PageBitmap? visited, CancellationToken cancellationToken)
    {
        _file = file;
        _visited = visited;
        _cancellationToken = cancellationToken;
        _parts = new TreeWalker(file, visited, cancellationToken).Split(root, RevisionKeyBytes).ConvertAll(t => new KeyPart(t));
    }

    /// <summary>Records in all.</summary>
    internal long Records { get; private set; }

    /// <summary>Deletions among them.</summary>
    internal long Tombstones { get; private set; }

    /// <summary>Versions whose value the apiserver encrypted.</summary>
    internal long Encrypted { get; private set; }

    /// <summary>Revision of the last record.</summary>
    internal long LastRevision { get; private set; }

    /// <summary>Sum and length of all keys and values.</summary>
    internal (uint Crc, long Length) Sum { get; private set; }

    /// <summary>The latest records of keys that exist at the end, and how many keys have a name.</summary>
    internal LiveKeys Live { get; private set; } = LiveKeys.None;

    /// <summary>The same at the revision that <see cref="Read"/> was given.</summary>
    internal LiveKeys LiveAtRevision { get; private set; } = LiveKeys.None;

    /// <summary>Reads all records once (more often where there are millions of keys), and checks pages where a bitmap was given.</summary>
    internal void Read(long? revision)
    {
        var index = new LiveIndex();
        LiveKeys? atRevision = null;
        var nameless = false;
        ForEachPart(
            _visited,
            part =>
            {
                TakeTotals(part);
                var number = part.FirstNumber;
                foreach (var record in part.Records)
                {
                    if (atRevision is null && record.Main > revision)
                    {
                        atRevision = new LiveKeys(index.Freeze(), nameless);
                    }

                    nameless = record.Nameless ? !record.Tombstone : nameless;
                    index.Add(record.Hash, checked((uint)number++), record.Tombstone);
                }
            }
        );
        var single = index.SinglePass;
        FurtherPasses(index, long.MaxValue);
        Live = new LiveKeys(index, nameless);
        LiveAtRevision = atRevision switch
        {
            null => Live,
            { } frozen when single => frozen,
            _ => LiveUpTo(revision!.Value),
        };
    }

    /// <summary>HashKV over the keyspace; <see cref="Read"/> must have been given the scope's revision.</summary>
    internal uint HashKv(HashKvScope scope)
    {
        var crc = Crc32C.Append(0, "key"u8);
        var wanted = _parts.TakeWhile(p => p.Count == 0 || p.FirstMain <= scope.Revision).ToList();
        for (var from = 0; from < wanted.Count; from += PartsAtOnce)
        {
            var batch = wanted.GetRange(from, Math.Min(PartsAtOnce, wanted.Count - from));
            var sums = new (uint Crc, long Length)[batch.Count];
            InParallel(
                batch.Count,
                null,
                (walker, i) =>
                {
                    var part = batch[i];
                    if (scope.CountsAll(part))
                    {
                        sums[i] = (part.Crc, part.Length);
                        return;
                    }

                    var sink = new HashKvSink(_file, scope, part.FirstNumber);
                    walker.Walk(part.Tree, ref sink);
                    sums[i] = (sink.Crc, sink.Length);
                }
            );
            foreach (var sum in sums)
            {
                crc = Crc32C.Combine(crc, sum.Crc, sum.Length);
            }
        }

        return crc;
    }

    /// <summary>Reads the live records once more, in parts; <see cref="Read"/> must have been called.</summary>
    /// <param name="begin">Makes what takes a part's records; called by any thread.</param>
    /// <param name="take">Is given the parts when they have been read, in the order of revisions, by one thread; false to end.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal void ForEachLive<T>(Func<T> begin, Func<T, bool> take, CancellationToken cancellationToken)
        where T : class, ILiveKeyPart
    {
        for (var from = 0; from < _parts.Count; from += PartsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = from;
            var read = new T[Math.Min(PartsAtOnce, _parts.Count - from)];
            InParallel(
                read.Length,
                null,
                (walker, i) =>
                {
                    read[i] = begin();
                    var sink = new LiveRecordSink(_file, Live.Index, _parts[first + i].FirstNumber, read[i].Record);
                    walker.Walk(_parts[first + i].Tree, ref sink);
                }
            );
            if (!Array.TrueForAll(read, part => take(part)))
            {
                return;
            }
        }
    }

    private void TakeTotals(KeyPart part)
    {
        part.FirstNumber = Records;
        part.Count = part.Records.Count;
        Records += part.Count;
        Tombstones += part.Tombstones;
        Encrypted += part.Encrypted;
        LastRevision = part.Count > 0 ? part.LastMain : LastRevision;
        Sum = (Crc32C.Combine(Sum.Crc, part.Crc, part.Length), Sum.Length + part.Length);
    }

    private LiveKeys LiveUpTo(long revision)
    {
        var index = new LiveIndex();
        var nameless = false;
        ForEachPart(null, part => nameless = AddUpTo(index, part, revision, nameless));
        FurtherPasses(index, revision);
        return new LiveKeys(index, nameless);
    }

    private void FurtherPasses(LiveIndex index, long revision)
    {
        while (index.NextPass())
        {
            ForEachPart(null, part => AddUpTo(index, part, revision, false));
        }
    }

    private static bool AddUpTo(LiveIndex index, KeyPart part, long revision, bool nameless)
    {
        var number = part.FirstNumber;
        foreach (var record in part.Records)
        {
            if (record.Main > revision)
            {
                break;
            }

            nameless = record.Nameless ? !record.Tombstone : nameless;
            index.Add(record.Hash, checked((uint)number++), record.Tombstone);
        }

        return nameless;
    }

    // Reads parts in parallel and hands them over in order.
    private void ForEachPart(PageBitmap? visited, Action<KeyPart> take)
    {
        for (var from = 0; from < _parts.Count; from += PartsAtOnce)
        {
            var first = from;
            var count = Math.Min(PartsAtOnce, _parts.Count - from);
            InParallel(
                count,
                visited,
                (walker, i) =>
                {
                    var part = _parts[first + i];
                    part.Tombstones = 0;
                    part.Encrypted = 0;
                    var sink = new KeyPartSink(_file, part);
                    walker.Walk(part.Tree, ref sink);
                }
            );
            for (var i = first; i < first + count; i++)
            {
                take(_parts[i]);
                _parts[i].Records = [];
            }
        }
    }

    private void InParallel(int count, PageBitmap? visited, Action<TreeWalker, int> work)
    {
        var walkers = visited is null ? _looking : _checking;
        TreeWalker Rent()
        {
            lock (walkers)
            {
                return walkers.TryPop(out var free) ? free : new TreeWalker(_file, visited, _cancellationToken);
            }
        }

        void Return(TreeWalker walker)
        {
            lock (walkers)
            {
                walkers.Push(walker);
            }
        }

        if (count == 1)
        {
            var walker = Rent();
            work(walker, 0);
            Return(walker);
            return;
        }

        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 4),
            CancellationToken = _cancellationToken,
        };
        try
        {
            Parallel.For(
                0,
                count,
                options,
                Rent,
                (i, _, walker) =>
                {
                    work(walker, i);
                    return walker;
                },
                Return
            );
        }
        catch (AggregateException failures)
        {
            // The part that failed first in key order cannot be told from the others; any of them says that the file is damaged.
            var failure = failures.InnerExceptions.FirstOrDefault(f => f is EtcdDrException) ?? failures.InnerExceptions[0];
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
