using System.Globalization;
using EtcdDr.Engine.Clusters;

namespace EtcdDr.Engine.Etcd;

/// <summary>Asks every member of a cluster for its status, all at once.</summary>
public static class EtcdStatusOperation
{
    /// <summary>
    /// One status for each node, in their order. A member that does not answer is one that is not healthy, with the reason among its
    /// errors: asking is no failure, so nothing is written to the error stream.
    /// </summary>
    /// <param name="session">The cluster's session.</param>
    /// <param name="nodes">Its control-plane nodes.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<IReadOnlyList<EtcdMemberStatus>> RunAsync(
        ClusterSession session,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var opened = await EtcdNode.OpenAllAsync(session, nodes, cancellationToken);
        try
        {
            return Describe(session.Cluster, opened);
        }
        finally
        {
            await EtcdNode.DisposeAllAsync(opened);
        }
    }

    /// <summary>What opened members said, as users see it.</summary>
    public static IReadOnlyList<EtcdMemberStatus> Describe(EtcdCluster cluster, IReadOnlyList<EtcdNode> nodes)
    {
        // Members that are away are known to the others, by name and with the alarms that they raised.
        var known = nodes.SelectMany(n => n.Members).DistinctBy(m => m.Id).ToList();
        var alarms = nodes.SelectMany(n => n.Status?.Alarms ?? []).Distinct().ToLookup(a => a.MemberId, a => a.Kind);
        return nodes.Select(n => Describe(cluster, n, known, alarms)).ToList();
    }

    /// <summary>An id as etcd's tools print it, with leading zeros.</summary>
    internal static string Id(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static EtcdMemberStatus Describe(EtcdCluster cluster, EtcdNode node, List<EtcdMember> known, ILookup<ulong, string> alarms)
    {
        var name = node.Manifests?.Etcd?.Name ?? node.Node.Name;
        var member = node.Status is { } s ? known.Find(m => m.Id == s.MemberId) : known.Find(m => m.Name == name);
        var id = node.Status?.MemberId ?? member?.Id;
        var status = new EtcdMemberStatus
        {
            Cluster = cluster.Name,
            Node = node.Node.Name,
            Endpoint = node.Manifests?.Etcd is { } configuration
                ? EtcdEndpoint.ForDisplay(configuration)
                : EtcdEndpoint.Unknown(node.Node, cluster.Etcd.ClientPort),
            MemberName = member?.Name is { Length: > 0 } listed ? listed : node.Manifests?.Etcd?.Name,
            MemberId = id is { } memberId ? Id(memberId) : null,
            PeerUrls = member?.PeerUrls ?? [],
            IsLearner = member?.IsLearner ?? false,
            Alarms = id is { } raiser ? [.. alarms[raiser].Order(StringComparer.Ordinal)] : [],
        };
        return node.Status is { } answer
            ? WithAnswer(status, answer)
            : status with
            {
                ErrorId = node.Failure?.ErrorId,
                Errors = [node.Failure?.Message ?? "it did not answer"],
            };
    }

    private static EtcdMemberStatus WithAnswer(EtcdMemberStatus status, EtcdServerStatus answer) =>
        status with
        {
            ClusterId = Id(answer.ClusterId),
            Version = answer.Version,
            DbSize = answer.DbSize,
            DbSizeInUse = answer.DbSizeInUse,
            IsLeader = answer.IsLeader,
            IsLearner = answer.IsLearner,
            RaftTerm = (long)answer.RaftTerm,
            RaftIndex = (long)answer.RaftIndex,
            RaftAppliedIndex = (long)answer.RaftAppliedIndex,
            Revision = answer.Revision,
            Errors = answer.Errors,
            Healthy = answer.LeaderId != 0 && answer.Errors.Count == 0 && status.Alarms.Count == 0,
        };
}
