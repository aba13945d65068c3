using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Proves a snapshot at birth: the keyspace in the file has the hash that every member computes at the file's revision. One round of hashing shows
/// that the members agree and that the file holds what they agree on.
/// </summary>
internal sealed class SnapshotProof
{
    /// <summary>How long a member may take to reach the revision, or the compaction that the others have.</summary>
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly DatabaseSummary _database;
    private readonly IReadOnlyList<EtcdConnection> _members;
    private readonly OperationContext _context;
    private readonly Dictionary<string, EtcdHash> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);

    private SnapshotProof(DatabaseSummary database, IReadOnlyList<EtcdConnection> members, OperationContext context)
    {
        _database = database;
        _members = members;
        _context = context;
    }

    /// <summary>Compares.</summary>
    /// <param name="database">The file as the reader found it, with its HashKV at its revision.</param>
    /// <param name="source">Node that the file came from.</param>
    /// <param name="members">Connections to all voting members that answer.</param>
    /// <param name="force">Whether members that disagree are only worth a warning.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Warnings: members that could not be compared.</returns>
    /// <exception cref="EtcdDrException"><c>EtcdMembersDisagree</c>; <c>SnapshotDamaged</c>: the file is not what its member holds.</exception>
    public static async Task<IReadOnlyList<string>> CheckAsync(
        DatabaseSummary database,
        string source,
        IReadOnlyList<EtcdConnection> members,
        bool force,
        OperationContext context,
        CancellationToken cancellationToken)
    {
        var proof = new SnapshotProof(database, members, context);
        var left = await proof.GatherAsync(cancellationToken);
        var warnings = proof._failures.Select(f => $"The member on node {f.Key} could not be compared with the snapshot: {f.Value}")
            .Concat(left.Select(m => $"The member on node {m.Node} has not reached revision {database.Revision}, or compacts, so it could not be compared."))
            .ToList();
        proof.CompareMembers(force, warnings);
        proof.CompareSource(source);
        return warnings;
    }

    private async Task<IReadOnlyList<EtcdConnection>> GatherAsync(CancellationToken cancellationToken)
    {
        var started = _context.Time.GetTimestamp();
        IReadOnlyList<EtcdConnection> left = _members;
        while (true)
        {
            await Task.WhenAll(left.Select(m => AskAsync(m, cancellationToken)));
            var compaction = _answers.Values.Select(a => a.CompactRevision).DefaultIfEmpty(-1).Max();
            left = _members.Where(m => !_failures.ContainsKey(m.Node) && !HasReached(m.Node, compaction)).ToList();
            if (left.Count == 0 || _context.Time.GetElapsedTime(started) > CatchUpLimit)
            {
                return left;
            }

            await Task.Delay(Interval, _context.Time, cancellationToken);
        }
    }

    private bool HasReached(string node, long compaction) => _answers.TryGetValue(node, out var answer) && answer.CompactRevision == compaction;

    private async Task AskAsync(EtcdConnection member, CancellationToken cancellationToken)
    {
        try
        {
            var hash = await member.HashKvAsync(_database.Revision, cancellationToken);
            lock (_answers)
            {
                _answers[member.Node] = hash;
            }
        }
        catch (EtcdDrException failure) when (failure.ErrorId == "EtcdRevisionUnavailable" && failure.Message.Contains("future", StringComparison.Ordinal))
        {
            _context.Sink.Verbose($"The member on node {member.Node} has not reached revision {_database.Revision} yet.");
        }
        catch (EtcdDrException failure)
        {
            lock (_answers)
            {
                _failures[member.Node] = failure.Message;
            }
        }
    }

    private void CompareMembers(bool force, List<string> warnings)
    {
        var compared = _answers.Where(a => HasReached(a.Key, _answers.Values.Max(v => v.CompactRevision))).ToList();
        if (compared.Select(a => a.Value.Hash).Distinct().Count() <= 1)
        {
            return;
        }

        var text = $"The etcd members do not hold the same data at revision {_database.Revision}: " +
            $"{string.Join(", ", compared.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key} has HashKV {a.Value.Hash}"))}.";
        if (!force)
        {
            throw new EtcdDrException(
                "EtcdMembersDisagree",
                EtcdDrErrorCategory.InvalidOperation,
                text,
                "Find out which member is right and rebuild the others from it. To take a snapshot all the same, use -Force.");
        }

        warnings.Add(text);
    }

    private void CompareSource(string source)
    {
        if (!_answers.TryGetValue(source, out var answer))
        {
            return;
        }

        if (answer.CompactRevision != _database.CompactRevision)
        {
            // A hash covers what lies above the compaction, so the two say nothing about one another; etcd's own SHA-256 has been checked.
            _context.Sink.Verbose($"etcd compacted to revision {answer.CompactRevision} since the snapshot, so its HashKV cannot be compared with the file's.");
            return;
        }

        if (answer.Hash != _database.HashKv)
        {
            throw new EtcdDrException(
                "SnapshotDamaged",
                EtcdDrErrorCategory.InvalidData,
                $"The snapshot is not what the member on node {source} holds: at revision {_database.Revision} the file's HashKV is {_database.HashKv} " +
                $"and the member's is {answer.Hash}.",
                "Take the snapshot again; if it happens again, look for faulty memory or disks.",
                source);
        }
    }
}
