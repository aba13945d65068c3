using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Proves a snapshot at birth: the keyspace in the file has the hash that every member computes at the file's revision. One round of
/// hashing shows that the members agree and that the file holds what they agree on.
/// </summary>
internal static class SnapshotProof
{
    /// <summary>Compares.</summary>
    /// <param name="database">The file as the reader found it, with its HashKV at its revision.</param>
    /// <param name="source">Node that the file came from.</param>
    /// <param name="members">All voting members that answer.</param>
    /// <param name="force">Whether members that disagree are only worth a warning.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Warnings: what could not be compared, and what <paramref name="force"/> passed over.</returns>
    /// <exception cref="EtcdDrException"><c>EtcdMembersDisagree</c>; <c>SnapshotDamaged</c>: the file is not what its member
    /// holds.</exception>
    public static async Task<IReadOnlyList<string>> CheckAsync(
        DatabaseSummary database,
        string source,
        IReadOnlyList<IHashedMember> members,
        bool force,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var hashes = await MemberHashes.GatherAsync(database.Revision, members, context, cancellationToken);
        return
        [
            .. hashes.Failures.Select(f => $"The member on node {f.Key} could not be compared with the snapshot: {f.Value.Message}"),
            .. hashes.Late.Select(node =>
                $"The member on node {node} has not reached revision {database.Revision}, or compacts, so it could not be compared."
            ),
            .. CompareMembers(hashes, force),
            .. CompareSource(hashes, database, source),
        ];
    }

    private static IReadOnlyList<string> CompareMembers(MemberHashes hashes, bool force)
    {
        if (hashes.Agree)
        {
            return [];
        }

        return force
            ? [hashes.Disagreement]
            : throw new EtcdDrException(
                "EtcdMembersDisagree",
                EtcdDrErrorCategory.InvalidOperation,
                hashes.Disagreement,
                Errors.EtcdMembersDisagree_Action
            );
    }

    private static IReadOnlyList<string> CompareSource(MemberHashes hashes, DatabaseSummary database, string source)
    {
        if (!hashes.Answers.TryGetValue(source, out var answer))
        {
            return [];
        }

        if (answer.CompactRevision != database.CompactRevision)
        {
            // A hash covers what lies above the compaction, so the two say nothing about one another.
            return
            [
                $"etcd compacted to revision {answer.CompactRevision} while the snapshot was taken, so the members' HashKV could not "
                    + "be compared with the file's; "
                    + "the file was checked by etcd's SHA-256 and page by page.",
            ];
        }

        return answer.Hash == database.HashKv
            ? []
            : throw new EtcdDrException(
                "SnapshotDamaged",
                EtcdDrErrorCategory.InvalidData,
                Errors.SnapshotDamaged.With(source, database.Revision, database.HashKv, answer.Hash),
                Errors.SnapshotDamaged_Action,
                source
            );
    }
}
