using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>The etcd that a member is taken into or out of, as it stands: its nodes, its member list, and a member that changes go
/// through.</summary>
internal sealed class MemberSite : IAsyncDisposable
{
    private readonly IReadOnlyList<EtcdNode> _opened;

    private MemberSite(
        ClusterSession session,
        IReadOnlyList<ClusterNode> controlPlane,
        ClusterNode? node,
        IReadOnlyList<EtcdNode> opened,
        EtcdNode way
    )
    {
        (Session, ControlPlane, Node, _opened, Way) = (session, controlPlane, node, opened, way);
    }

    public ClusterSession Session { get; }

    public IReadOnlyList<ClusterNode> ControlPlane { get; }

    /// <summary>The node that it is about; null where no node has the name any more.</summary>
    public ClusterNode? Node { get; }

    /// <summary>A voting member with a quorum, on another node.</summary>
    public EtcdNode Way { get; }

    /// <summary>Connection to it.</summary>
    public EtcdConnection Connection => Way.Connection!;

    /// <summary>The cluster id.</summary>
    public ulong ClusterId => Way.Status!.ClusterId;

    /// <summary>The node's own member as it answers; null where it does not, or runs another etcd.</summary>
    public EtcdServerStatus? Own =>
        _opened.FirstOrDefault(o => o.Node.Name == Node?.Name)?.Status is { } status && status.ClusterId == ClusterId ? status : null;

    /// <summary>Nodes of the etcd that answered as its members.</summary>
    public IEnumerable<EtcdNode> Members => _opened.Where(o => o.Status?.ClusterId == ClusterId);

    /// <summary>Ids of the members that answer and know the leader.</summary>
    public IReadOnlySet<ulong> Healthy => Members.Where(o => o.Status is { LeaderId: not 0 }).Select(o => o.Status!.MemberId).ToHashSet();

    /// <summary>Control-plane nodes that answered over SSH.</summary>
    public IEnumerable<ClusterNode> Reached => _opened.Where(o => o.Manifests is not null || o.Connection is not null).Select(o => o.Node);

    /// <summary>Asks every control-plane node for its member.</summary>
    /// <param name="session">The cluster; disposed with what is returned.</param>
    /// <param name="name">The node that it is about.</param>
    /// <param name="peer">A node of the etcd that is meant; null where there is one.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="EtcdDrException"><c>NodeNotFound</c> (the peer), <c>EtcdNoQuorum</c>, <c>EtcdClustersDiffer</c>.</exception>
    public static async Task<MemberSite> ReadAsync(ClusterSession session, string name, string? peer, CancellationToken cancellationToken)
    {
        var controlPlane = await NodesAsync(session, cancellationToken);
        var opened = await EtcdNode.OpenAllAsync(session, controlPlane, cancellationToken);
        try
        {
            var node = controlPlane.FirstOrDefault(n => n.Name == name);
            var way = await WayAsync(session, opened, name, peer, cancellationToken);
            return new MemberSite(session, controlPlane, node, opened, way);
        }
        catch
        {
            await EtcdNode.DisposeAllAsync(opened);
            throw;
        }
    }

    /// <summary>The member list, agreed on by the member that changes go through.</summary>
    public Task<IReadOnlyList<EtcdMember>> ListAsync(CancellationToken cancellationToken) => Connection.MembersAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EtcdNode.DisposeAllAsync(_opened);
        await Session.DisposeAsync();
    }

    private static async Task<IReadOnlyList<ClusterNode>> NodesAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        await using var api = await KubeApi.ConnectAsync(session.Cluster, cancellationToken);
        var alive = await api.ProbeAsync("/readyz", cancellationToken);
        var nodes = await ClusterNodes.GetAsync(session, alive ? api : null, cancellationToken);
        return [.. nodes.Where(n => n.Role == NodeRole.ControlPlane)];
    }

    private static async Task<EtcdNode> WayAsync(
        ClusterSession session,
        IReadOnlyList<EtcdNode> opened,
        string name,
        string? peer,
        CancellationToken cancellationToken
    )
    {
        if (peer is not null && opened.All(o => o.Node.Name != peer))
        {
            throw new EtcdDrException(
                "NodeNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.NodeNotFound.With(session.Cluster.Name, peer, string.Join(", ", opened.Select(o => o.Node.Name))),
                Errors.NodeNotFound_ControlPlane_Action,
                peer
            );
        }

        var serving = new List<EtcdNode>();
        foreach (var candidate in opened.Where(o => o.Node.Name != name && o.Status is { LeaderId: not 0, IsLearner: false }))
        {
            // A leader that was cut off believes in itself for a moment; a read that a quorum agrees on tells.
            if (await candidate.Connection!.IsHealthyAsync(cancellationToken))
            {
                serving.Add(candidate);
            }
        }

        var clusters = serving.GroupBy(s => s.Status!.ClusterId).ToList();
        return clusters.Count switch
        {
            0 => throw NoQuorum(session, opened, name),
            _ when peer is not null => Leader(clusters.FirstOrDefault(c => c.Any(s => s.Node.Name == peer)))
                ?? throw NoQuorum(session, [.. opened.Where(o => o.Node.Name == peer)], name),
            1 => Leader(clusters[0])!,
            _ => await AfterRestoreAsync(session, clusters, name, cancellationToken) ?? throw Differ(session, clusters),
        };
    }

    // The leader itself where it can be asked: what a learner lacks is known there.
    private static EtcdNode? Leader(IEnumerable<EtcdNode>? members) => members?.OrderByDescending(m => m.Status!.IsLeader).FirstOrDefault();

    // Nodes that a restore gave up came back with the previous state and serve it: the etcd that is meant is the restored one.
    private static async Task<EtcdNode?> AfterRestoreAsync(
        ClusterSession session,
        IReadOnlyList<IGrouping<ulong, EtcdNode>> clusters,
        string name,
        CancellationToken cancellationToken
    )
    {
        var journals = new List<(NodeJournal Journal, IGrouping<ulong, EtcdNode> Cluster)>();
        foreach (var cluster in clusters)
        {
            foreach (var member in cluster)
            {
                var host = await session.HostAsync(member.Node, cancellationToken);
                var found = await NodeFactsReader.ReadJournalsAsync(host, member.Manifests!.StaticPodPath, cancellationToken);
                journals.AddRange(found.Select(j => (j, cluster)));
            }
        }

        var newest = journals
            .Where(j => j.Journal.Journal.State is RestoreState.Completed or RestoreState.Incomplete)
            .Where(j => j.Journal.Journal.Lost.Contains(name))
            .OrderByDescending(j => j.Journal.Journal.Created)
            .Select(j => j.Cluster)
            .FirstOrDefault();
        return Leader(newest);
    }

    private static EtcdDrException NoQuorum(ClusterSession session, IReadOnlyList<EtcdNode> opened, string name)
    {
        var said = opened
            .Where(o => o.Node.Name != name)
            .Select(o => Errors.EtcdNoQuorum_Node_Part.With(o.Node.Name, o.Failure?.Message ?? Errors.EtcdNoQuorum_NoLeader_Part));
        return new EtcdDrException(
            "EtcdNoQuorum",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.EtcdNoQuorum.With(session.Cluster.Name, name, string.Join(" ", said)),
            Errors.EtcdNoQuorum_Action,
            session.Cluster.Name
        );
    }

    private static EtcdDrException Differ(ClusterSession session, IReadOnlyList<IGrouping<ulong, EtcdNode>> clusters) =>
        new(
            "EtcdClustersDiffer",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.EtcdClustersDiffer.With(
                session.Cluster.Name,
                string.Join("; ", clusters.Select(c => $"{EtcdStatusOperation.Id(c.Key)}: {string.Join(", ", c.Select(m => m.Node.Name))}"))
            ),
            Errors.EtcdClustersDiffer_Action,
            session.Cluster.Name
        );
}
