using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// What members say their keyspace hashes to at one revision. Members that lag, and members that have not compacted as far as the others,
/// are given time: hashes cover what lies above the compaction, so they compare only where it is the same.
/// </summary>
internal sealed class MemberHashes
{
    /// <summary>How long a member may take to reach the revision, or the compaction that the others have.</summary>
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, EtcdHash> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EtcdDrException> _failures = new(StringComparer.Ordinal);
    private readonly OperationContext _context;

    private MemberHashes(long revision, OperationContext context)
    {
        Revision = revision;
        _context = context;
    }

    /// <summary>The revision.</summary>
    public long Revision { get; }

    /// <summary>The last answer of each member that gave one, by node.</summary>
    public IReadOnlyDictionary<string, EtcdHash> Answers => _answers;

    /// <summary>Why members could not answer, by node.</summary>
    public IReadOnlyDictionary<string, EtcdDrException> Failures => _failures;

    /// <summary>Nodes of members that had not reached the revision, or the others' compaction, when the time was over.</summary>
    public IReadOnlyList<string> Late { get; private set; } = [];

    /// <summary>Whether all hashes that compare are equal.</summary>
    public bool Agree => Comparable().Select(a => a.Value.Hash).Distinct().Count() <= 1;

    /// <summary>The members' hashes in words, for when they differ.</summary>
    public string Disagreement =>
        Errors.EtcdMembersDisagree.With(
            Revision,
            string.Join(
                ", ",
                Comparable()
                    .OrderBy(a => a.Key, StringComparer.Ordinal)
                    .Select(a => Errors.EtcdMembersDisagree_Hash_Part.With(a.Key, a.Value.Hash))
            )
        );

    /// <summary>Asks all members at the same time, and again those that are late, for at most ten seconds.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="members">The members; no learners, which do not answer.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<MemberHashes> GatherAsync(
        long revision,
        IReadOnlyList<IHashedMember> members,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var hashes = new MemberHashes(revision, context);
        await hashes.GatherAsync(members, cancellationToken);
        return hashes;
    }

    private async Task GatherAsync(IReadOnlyList<IHashedMember> members, CancellationToken cancellationToken)
    {
        var started = _context.Time.GetTimestamp();
        var left = members;
        while (true)
        {
            await Task.WhenAll(left.Select(m => AskAsync(m, cancellationToken)));
            left = members.Where(m => !_failures.ContainsKey(m.Node) && !HasReached(m.Node)).ToList();
            if (left.Count == 0 || _context.Time.GetElapsedTime(started) > CatchUpLimit)
            {
                Late = left.Select(m => m.Node).ToList();
                return;
            }

            await Task.Delay(Interval, _context.Time, cancellationToken);
        }
    }

    private async Task AskAsync(IHashedMember member, CancellationToken cancellationToken)
    {
        try
        {
            var hash = await member.HashKvAsync(Revision, cancellationToken);
            lock (_answers)
            {
                _answers[member.Node] = hash;
            }
        }
        catch (EtcdDrException failure)
            when (failure.ErrorId == "EtcdRevisionUnavailable" && failure.Message.Contains("future", StringComparison.Ordinal))
        {
            _context.Sink.Verbose($"The member on node {member.Node} has not reached revision {Revision} yet.");
        }
        catch (EtcdDrException failure)
        {
            lock (_failures)
            {
                _failures[member.Node] = failure;
            }
        }
    }

    private bool HasReached(string node) =>
        _answers.TryGetValue(node, out var answer) && answer.CompactRevision == _answers.Values.Max(a => a.CompactRevision);

    private IEnumerable<KeyValuePair<string, EtcdHash>> Comparable() => _answers.Where(a => HasReached(a.Key));
}
