using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Which member a snapshot is taken from, after it is clear that one may be taken.</summary>
/// <param name="Node">The member's node.</param>
/// <param name="Status">What the member said.</param>
/// <param name="Leader">Node of the leader; null if there is none among those that answered.</param>
/// <param name="Warnings">What an operator ought to know; recorded in the manifest.</param>
internal sealed record SnapshotSource(string Node, EtcdServerStatus Status, string? Leader, IReadOnlyList<string> Warnings)
{
    private const string Corrupt = "CORRUPT";

    /// <summary>
    /// Chooses the leader, or the voting member with the highest applied index. Never a learner, which may lag at will, and never a member
    /// that reports corruption.
    /// </summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="members">All control-plane nodes.</param>
    /// <param name="force">Whether a missing leader and a corruption alarm are only worth a warning.</param>
    /// <exception cref="EtcdDrException">
    /// <c>NoEtcdMemberAnswered</c>, <c>EtcdMembersDisagree</c> (they belong to different clusters), <c>EtcdNoLeader</c>,
    /// <c>EtcdCorrupt</c>.
    /// </exception>
    public static SnapshotSource Choose(string cluster, IReadOnlyList<SnapshotMember> members, bool force)
    {
        var answered = members.Where(m => m.Status is not null).ToList();
        CheckAnswered(cluster, members, answered);
        var warnings = new List<string>();
        warnings.AddRange(
            members.Where(m => m.Failure is not null).Select(m => $"The etcd member on node {m.Node} did not answer: {m.Failure!.Message}")
        );
        warnings.AddRange(Alarms(cluster, answered, force));
        warnings.AddRange(Leaderless(cluster, answered, force));
        var leader = answered.Find(m => m.Status!.IsLeader);
        var candidates = answered.Where(m => !m.Status!.IsLearner && !HasAlarm(answered, m.Status.MemberId, Corrupt)).ToList();
        var source =
            candidates.Find(m => m.Status!.IsLeader)
            ?? candidates.OrderByDescending(m => m.Status!.RaftAppliedIndex).ThenBy(m => m.Node, StringComparer.Ordinal).FirstOrDefault()
            ?? throw NoCandidate(cluster, answered);
        return new SnapshotSource(source.Node, source.Status!, leader?.Node, warnings);
    }

    private static void CheckAnswered(string cluster, IReadOnlyList<SnapshotMember> members, List<SnapshotMember> answered)
    {
        if (answered.Count == 0)
        {
            // What keeps this machine from all of them is most often one thing, and what to do about it is known where it was found.
            var first = members.Select(m => m.Failure).OfType<EtcdDrException>().FirstOrDefault();
            throw new EtcdDrException(
                "NoEtcdMemberAnswered",
                EtcdDrErrorCategory.ConnectionError,
                Errors.NoEtcdMemberAnswered.With(cluster, string.Join(' ', members.Select(m => $"{m.Node}: {m.Failure?.Message}"))),
                first?.RecommendedAction ?? Errors.NoEtcdMemberAnswered_Action,
                cluster,
                first
            );
        }

        if (answered.Select(m => m.Status!.ClusterId).Distinct().Count() > 1)
        {
            throw new EtcdDrException(
                "EtcdMembersDisagree",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.EtcdMembersDisagree_Clusters.With(
                    cluster,
                    string.Join(", ", answered.Select(m => Errors.EtcdMembersDisagree_Cluster_Part.With(m.Node, m.Status!.ClusterId)))
                ),
                Errors.EtcdMembersDisagree_Clusters_Action,
                cluster
            );
        }
    }

    private static IEnumerable<string> Alarms(string cluster, List<SnapshotMember> answered, bool force)
    {
        var alarms = answered.SelectMany(m => m.Status!.Alarms).Distinct().ToList();
        foreach (var alarm in alarms)
        {
            var text = Errors.EtcdCorrupt.With(NameOf(answered, alarm.MemberId), cluster, alarm.Kind);
            yield return alarm.Kind != Corrupt || force
                ? text
                : throw new EtcdDrException("EtcdCorrupt", EtcdDrErrorCategory.InvalidOperation, text, Errors.EtcdCorrupt_Action, cluster);
        }
    }

    private static IEnumerable<string> Leaderless(string cluster, List<SnapshotMember> answered, bool force)
    {
        if (answered.Exists(m => m.Status!.LeaderId != 0))
        {
            yield break;
        }

        yield return force
            ? $"Cluster {cluster} had no leader: the snapshot holds what one member had applied, which may lack the last writes."
            : throw new EtcdDrException(
                "EtcdNoLeader",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.EtcdNoLeader_Snapshot.With(cluster),
                Errors.EtcdNoLeader_Snapshot_Action,
                cluster
            );
    }

    private static bool HasAlarm(List<SnapshotMember> answered, ulong member, string kind) =>
        answered.Exists(m => m.Status!.Alarms.Contains(new EtcdAlarm(member, kind)));

    private static string NameOf(List<SnapshotMember> answered, ulong id) =>
        answered.SelectMany(m => m.Members).FirstOrDefault(m => m.Id == id)?.Name is { Length: > 0 } name
            ? name
            : EtcdStatusOperation.Id(id);

    private static EtcdDrException NoCandidate(string cluster, List<SnapshotMember> answered) =>
        new(
            "NoSnapshotSource",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.NoSnapshotSource.With(cluster, string.Join(", ", answered.Select(m => m.Node))),
            Errors.NoSnapshotSource_Action,
            cluster
        );
}
