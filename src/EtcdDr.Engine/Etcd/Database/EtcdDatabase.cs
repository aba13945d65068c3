namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// etcd's database file (bbolt), read only: a snapshot, or a member's <c>db</c>. Reads files of versions 3.4 to 3.6, and is safe on any
/// bytes: what breaks a rule of the format is an <see cref="EtcdDrException"/> (<c>DatabaseDamaged</c>, <c>DatabaseTruncated</c>,
/// <c>DatabaseFormatUnknown</c>, <c>DatabaseNotFound</c>, <c>DatabaseUnreadable</c>), work is bounded by the file's size and memory does
/// not grow with it but for one bit a page and a record. Not for several threads at once.
/// </summary>
public sealed class EtcdDatabase : IDisposable
{
    private readonly BoltFile _file;
    private KeyspaceScan? _keys;

    private EtcdDatabase(BoltFile file) => _file = file;

    /// <summary>Opens a file and reads its meta pages.</summary>
    public static EtcdDatabase Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(FileSource.Open(path));
    }

    /// <summary>Opens, reads all of it and closes: see <see cref="Summarize(long?, CancellationToken)"/>.</summary>
    public static DatabaseSummary Summarize(string path, CancellationToken cancellationToken, long? hashKvRevision = 0)
    {
        using var database = Open(path);
        return database.Summarize(hashKvRevision, cancellationToken);
    }

    /// <summary>
    /// Reads the whole database: every page is reached once and checked, every record parsed.
    /// </summary>
    /// <param name="hashKvRevision">Where HashKV and the number of keys are wanted; 0 for the current revision, null for nowhere.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="EtcdDrException">The file is damaged; or <c>RevisionCompacted</c> or <c>RevisionInFuture</c> for the
    /// revision.</exception>
    public DatabaseSummary Summarize(long? hashKvRevision, CancellationToken cancellationToken)
    {
        var visited = new PageBitmap((long)_file.Meta.PageCount);
        visited.TryAdd(0, 2);
        var free = Freelist.Read(_file, visited, cancellationToken);
        var walker = new TreeWalker(_file, visited, cancellationToken);
        var state = new ServerState();
        KeyspaceScan? keys = null;
        var crc = 0u;
        foreach (var bucket in Buckets(walker))
        {
            crc = Crc32C.Append(crc, bucket.NameBytes);
            if (bucket.Name == "key")
            {
                keys = new KeyspaceScan(_file, TreePart.Of(bucket), visited, cancellationToken);
                keys.Read(hashKvRevision is > 0 ? hashKvRevision : null);
                crc = Crc32C.Combine(crc, keys.Sum.Crc, keys.Sum.Length);
                continue;
            }

            var sink = new ServerStateSink(_file, bucket.Name, state, crc);
            walker.Walk(TreePart.Of(bucket), ref sink);
            crc = sink.Crc;
        }

        CheckFree(visited, free);
        _keys = keys;
        return Describe(keys, state, crc, visited.Count, hashKvRevision);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Source.Dispose();

    internal static EtcdDatabase Open(PageSource source)
    {
        try
        {
            return new EtcdDatabase(BoltFile.Open(source));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Feeds the latest version of each key that exists to a handler, in the order of their revisions. Reads the file twice: once for which
    /// records these are (a bit for each record is kept), once for them.
    /// </summary>
    internal void ForEachLiveKey(MvccRecordHandler handler, CancellationToken cancellationToken)
    {
        var walker = new TreeWalker(_file, null, cancellationToken);
        if (Buckets(walker).Find(b => b.Name == "key") is not { } bucket)
        {
            return;
        }

        var sink = new LiveRecordSink(_file, Keys(bucket, cancellationToken).Live.Index, 0, handler);
        walker.Walk(TreePart.Of(bucket), ref sink);
    }

    /// <summary>
    /// The same for work that is worth several processors: parts of the file are read at once, and handed over in the order of revisions.
    /// </summary>
    /// <param name="begin">Makes what takes a part's records; called by any thread.</param>
    /// <param name="take">Is given the parts when they have been read, by one thread; false to end.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal void ForEachLivePart<T>(Func<T> begin, Func<T, bool> take, CancellationToken cancellationToken)
        where T : class, ILiveKeyPart
    {
        if (Buckets(new TreeWalker(_file, null, cancellationToken)).Find(b => b.Name == "key") is { } bucket)
        {
            Keys(bucket, cancellationToken).ForEachLive(begin, take, cancellationToken);
        }
    }

    private KeyspaceScan Keys(Bucket bucket, CancellationToken cancellationToken)
    {
        if (_keys is null)
        {
            // The bitmap bounds the first reading of a file that nobody checked yet.
            var scan = new KeyspaceScan(_file, TreePart.Of(bucket), new PageBitmap((long)_file.Meta.PageCount), cancellationToken);
            scan.Read(null);
            _keys = scan;
        }

        return _keys;
    }

    private List<Bucket> Buckets(TreeWalker walker)
    {
        var buckets = new List<Bucket>();
        var sink = new BucketSink(_file, buckets);
        walker.Walk(new TreePart(_file.Meta.Root, 0, [], null), ref sink);
        return buckets;
    }

    // As bbolt's own check has it: with a list of free pages, each page is in use or free, and none is both.
    private void CheckFree(PageBitmap visited, PageBitmap? free)
    {
        for (var page = 2UL; free is not null && page < _file.Meta.PageCount; page++)
        {
            if (visited.Contains(page) == free.Contains(page))
            {
                throw _file.Damaged(
                    free.Contains(page)
                        ? Errors.DatabaseDamaged_UsedAndFree_Part.With(page)
                        : Errors.DatabaseDamaged_NeitherUsedNorFree_Part.With(page)
                );
            }
        }
    }

    private DatabaseSummary Describe(KeyspaceScan? keys, ServerState state, uint crc, long pagesInUse, long? hashKvRevision)
    {
        var compacted = Math.Max(state.ScheduledCompact, state.FinishedCompact);
        var revision = Math.Max(Math.Max(keys?.LastRevision ?? 0, compacted), 1);
        var at = hashKvRevision == 0 ? revision : hashKvRevision;
        return new DatabaseSummary
        {
            Path = _file.Source.Name,
            FileSize = _file.Source.Length,
            DbSize = (long)_file.Meta.PageCount * _file.Meta.PageSize,
            BytesInUse = pagesInUse * _file.Meta.PageSize,
            PageSize = _file.Meta.PageSize,
            ValidMetaPages = _file.ValidMetaPages,
            HasTrailer = _file.HasTrailer,
            SnapshotHash = crc,
            Revision = revision,
            LastRecordRevision = keys?.LastRevision ?? 0,
            CompactRevision = compacted,
            LiveKeys = keys?.Live.Named ?? 0,
            StatusKeys = keys?.Live.All ?? 0,
            Records = keys?.Records ?? 0,
            EncryptedRecords = keys?.Encrypted ?? 0,
            Tombstones = keys?.Tombstones ?? 0,
            Entries = state.Entries + (keys?.Records ?? 0),
            HashKvRevision = at,
            HashKv = at is { } r ? HashKv(keys, r, revision, compacted) : null,
            HashKvKeys = at is null ? null : keys?.LiveAtRevision.Named ?? 0,
            Members = state.Members,
            RemovedMembers = state.RemovedMembers,
            ClusterVersion = state.ClusterVersion,
            StorageVersion = state.StorageVersion,
            ConsistentIndex = state.ConsistentIndex,
            Term = state.Term,
            AuthEnabled = state.AuthEnabled,
            AuthUsers = state.AuthUsers,
            AuthRoles = state.AuthRoles,
            Alarms = state.Alarms,
            Leases = state.Leases,
        };
    }

    private uint HashKv(KeyspaceScan? keys, long at, long revision, long compacted)
    {
        if (at < compacted)
        {
            throw DatabaseErrors.Compacted(_file.Source.Name, at, compacted);
        }

        if (at > revision)
        {
            throw DatabaseErrors.InFuture(_file.Source.Name, at, revision);
        }

        return keys?.HashKv(new HashKvScope(at, compacted, keys.LiveAtRevision.Index, keys.LiveAtRevision.All > 0))
            ?? Crc32C.Append(0, "key"u8);
    }
}
