using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>What all members agree on.</summary>
/// <param name="Hash">HashKV.</param>
/// <param name="Revision">The revision that it was taken at.</param>
/// <param name="ClusterId">The cluster id, 16 hexadecimal digits.</param>
internal sealed record HashAgreement(uint Hash, long Revision, string ClusterId)
{
    private const int Attempts = 3;

    /// <summary>
    /// Compares cluster ids, and HashKV at one revision, which members that lag are given time to reach. Where etcd compacts that revision
    /// away meanwhile it is done again at a later one.
    /// </summary>
    /// <param name="members">All members.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">
    /// <c>EtcdMembersDisagree</c>: they do not hold the same data, or one does not catch up; what a member that does not answer ends with.
    /// </exception>
    public static async Task<HashAgreement> CheckAsync(
        IReadOnlyList<IHashedMember> members,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var statuses = await Task.WhenAll(members.Select(m => m.StatusAsync(cancellationToken)));
            RequireOneCluster(members, statuses);
            var revision = statuses.Max(s => s.Revision);
            var hashes = await MemberHashes.GatherAsync(revision, members, context, cancellationToken);
            if (!hashes.Agree)
            {
                throw Disagree(hashes.Disagreement, members[0].Node);
            }

            if (hashes.Failures.Count == 0 && hashes.Late.Count == 0)
            {
                return new HashAgreement(hashes.Answers[members[0].Node].Hash, revision, statuses[0].ClusterId.ToString("x16"));
            }

            ThrowIfHopeless(hashes, last: attempt == Attempts);
        }
    }

    private static void RequireOneCluster(IReadOnlyList<IHashedMember> members, EtcdServerStatus[] statuses)
    {
        if (statuses.Select(s => s.ClusterId).Distinct().Count() > 1)
        {
            var ids = members.Zip(
                statuses,
                (member, status) => Errors.EtcdMembersDisagree_Cluster_Part.With(member.Node, status.ClusterId)
            );
            throw Disagree(Errors.EtcdMembersDisagree_RestoredClusters.With(string.Join(", ", ids)), members[0].Node);
        }
    }

    private static void ThrowIfHopeless(MemberHashes hashes, bool last)
    {
        if (hashes.Failures.Values.FirstOrDefault(f => last || f.ErrorId != "EtcdRevisionUnavailable") is { } failure)
        {
            throw failure;
        }

        if (last && hashes.Late.Count > 0)
        {
            throw Disagree(
                Errors.EtcdMembersDisagree_RestoredRevision.With(string.Join(", ", hashes.Late), hashes.Revision),
                hashes.Late[0]
            );
        }
    }

    private static EtcdDrException Disagree(string message, string node) =>
        new("EtcdMembersDisagree", EtcdDrErrorCategory.InvalidData, message, Errors.EtcdMembersDisagree_Restored_Action, node);
}
