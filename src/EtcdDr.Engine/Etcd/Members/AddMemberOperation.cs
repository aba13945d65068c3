using System.Net;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>
/// Brings a node's member into etcd, one that was there before or a new one: without a vote first, and with one when it has the leader's
/// log. What the node had is kept. Interrupted, it goes on when it is run again.
/// </summary>
public sealed class AddMemberOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Reads the members and the node, and makes the plan; changes nothing.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="options">What the operator chose.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>NodeNotFound</c>, <c>EtcdNoQuorum</c>, <c>EtcdClustersDiffer</c>, <c>RestoreUnfinished</c>,
    /// <c>MemberAddressUnknown</c>, <c>MemberRemovalRefused</c>, and what reading a node throws.</exception>
    public async Task<PreparedMember> PrepareAsync(
        EtcdCluster cluster,
        string node,
        MemberOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var session = new ClusterSession(cluster, context, hosts);
        return await PreparedMember.ReadAsync(session, node, options.Peer, p => FillAsync(p, node, cancellationToken), cancellationToken);
    }

    /// <summary>Carries it out.</summary>
    /// <returns>The status of all members.</returns>
    /// <exception cref="EtcdDrException"><c>MemberNotInSync</c>, <c>EtcdMembershipRefused</c>, <c>ClusterLocked</c>,
    /// <c>EtcdNotHealthy</c>, <c>EtcdMembersDisagree</c>, <c>ApiServerNotReady</c>, and the errors of steps.</exception>
    public async Task<IReadOnlyList<EtcdMemberStatus>> ExecuteAsync(
        PreparedMember prepared,
        MemberOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(options);
        var site = prepared.Site;
        await using var held = await ClusterLock.TakeAsync(
            site.Session,
            site.Reached.UnionBy([prepared.Node!.Node], n => n.Name),
            LockMode.Exclusive,
            $"adding etcd member {prepared.Node.Node.Name}",
            options.BreakLock,
            cancellationToken
        );
        await new MemberAddition(prepared, options, context).RunAsync(cancellationToken);
        return await EtcdStatusOperation.RunAsync(site.Session, site.ControlPlane, cancellationToken);
    }

    /// <summary>The member of the list that is the node's and runs; null where it has to be made anew.</summary>
    internal static EtcdMember? Running(MemberSite site, IReadOnlyList<EtcdMember> own) =>
        site.Own is { } status ? own.FirstOrDefault(m => m.Id == status.MemberId) : null;

    private async Task FillAsync(PreparedMember prepared, string name, CancellationToken cancellationToken)
    {
        var site = prepared.Site;
        var node = site.Node ?? throw NotFound(site, name);
        prepared.Node = await MemberNode.ReadAsync(site.Session, node, cancellationToken);
        var pattern = site.Way.Manifests!;
        await RefuseUnfinishedAsync(site, cancellationToken);
        prepared.Etcd = Configuration(prepared.Node, pattern, "later=https://0.0.0.0:2380").Etcd;
        prepared.Own = MemberRules.Of(prepared.Listed, name, [.. prepared.Etcd.InitialAdvertisePeerUrls.Select(JournalNodeBuilder.Text)]);
        if (Running(site, prepared.Own) is null)
        {
            MemberChange.RequireRemovable(site, prepared.Listed, prepared.Own);
            prepared.Files = await MemberFiles.CompareAsync(
                prepared.Node,
                prepared.Etcd,
                await site.Session.HostAsync(site.Way.Node, cancellationToken),
                pattern,
                context.Time.GetUtcNow(),
                cancellationToken
            );
        }

        Describe(prepared);
    }

    /// <summary>How a node's etcd is to run, and the manifest that says so.</summary>
    /// <exception cref="EtcdDrException"><c>MemberAddressUnknown</c>, <c>ManifestUnsupported</c>.</exception>
    internal static (EtcdMemberConfiguration Etcd, string Text) Configuration(MemberNode node, NodeManifests pattern, string initialCluster)
    {
        var own = node.Manifests.Etcd;
        var text = own is not null
            ? MemberManifest.Of(own, initialCluster)
            : MemberManifest.After(pattern.RequireEtcd(), node.Node.Name, Address(node), initialCluster);
        var path = own?.ManifestPath ?? $"{node.Place.ManifestDirectory.TrimEnd('/')}/etcd.yaml";
        return (EtcdMemberConfiguration.From(StaticPodManifest.Parse(node.Node.Name, path, text)), text);
    }

    // What the node's apiserver tells others is what the node is reached at by its peers; the address for SSH may be another.
    private static string Address(MemberNode node) =>
        node.Manifests.ApiServer?.AdvertiseAddress
        ?? (
            IPAddress.TryParse(node.Node.Address, out _)
                ? node.Node.Address
                : throw new EtcdDrException(
                    "MemberAddressUnknown",
                    EtcdDrErrorCategory.InvalidArgument,
                    Errors.MemberAddressUnknown.With(node.Node.Name, node.Place.ManifestDirectory, node.Node.Address),
                    Errors.MemberAddressUnknown_Action,
                    node.Node.Name
                )
        );

    private static void Describe(PreparedMember prepared)
    {
        var site = prepared.Site;
        var node = prepared.Node!;
        var name = node.Node.Name;
        var text = new StringBuilder();
        text.AppendLine(
            $"Bring node '{name}' into etcd {EtcdStatusOperation.Id(site.ClusterId)} of cluster '{site.Session.Cluster.Name}', "
                + "whose members are "
                + $"{string.Join(", ", prepared.Listed.Except(prepared.Own).Select(MemberChange.Name).DefaultIfEmpty("none but its own"))}."
        );
        prepared.Question =
            $"Bring node '{name}' into etcd of cluster '{site.Session.Cluster.Name}'? What runs of a control plane there is stopped "
            + "first.";
        if (Running(site, prepared.Own) is { } running)
        {
            text.Append(
                running.IsLearner
                    ? $"  Goes on: member {MemberChange.Describe(running)} runs and gets its vote when it has the leader's log; then the "
                        + "rest of the control plane starts."
                    : $"  Member {MemberChange.Describe(running)} runs and has its vote; what is held of the node's control plane is "
                        + "started."
            );
            prepared.Plan = text.ToString();
            return;
        }

        foreach (var journal in node.Unfinished)
        {
            text.AppendLine($"  Closes the journal of restore {journal.Journal.Id} there, which went on without the node.");
        }

        if (node.Parts.Count > 0)
        {
            var parts = string.Join(", ", node.Parts.Select(p => p.Name));
            text.AppendLine($"  Takes {parts} aside to {node.Place.HoldDirectory} and stops them.");
        }

        foreach (var member in prepared.Own)
        {
            text.AppendLine(
                $"  Removes member {MemberChange.Describe(member)} from the list: it is the node's, and does not run in this etcd."
            );
        }

        text.AppendLine($"  Keeps what is in {prepared.Etcd!.DataHostPath}, by rename.");
        foreach (var word in prepared.Files!.Words)
        {
            text.AppendLine($"  Puts {word}; what is there is kept in {node.KeptFiles}.");
        }

        var urls = string.Join(", ", prepared.Etcd.InitialAdvertisePeerUrls.Select(JournalNodeBuilder.Text));
        text.Append(
            $"  Adds member {prepared.Etcd.Name} ({urls}) as a learner, starts it, gives it its vote when it has the leader's log, and "
                + "starts the rest of the node's control plane."
        );
        prepared.Plan = text.ToString();
    }

    // While a restore of the members themselves is open, nobody knows which data a new one would get.
    private static async Task RefuseUnfinishedAsync(MemberSite site, CancellationToken cancellationToken)
    {
        var host = await site.Session.HostAsync(site.Way.Node, cancellationToken);
        var journals = await NodeFactsReader.ReadJournalsAsync(host, site.Way.Manifests!.StaticPodPath, cancellationToken);
        if (journals.FirstOrDefault(j => j.Journal.Unfinished) is { } open)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreUnfinished.With(open.Journal.Id, site.Session.Cluster.Name, open.Node, open.Journal.State),
                Errors.RestoreUnfinished_Action,
                site.Session.Cluster.Name
            );
        }
    }

    private static EtcdDrException NotFound(MemberSite site, string name) =>
        new(
            "NodeNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.NodeNotFound.With(site.Session.Cluster.Name, name, string.Join(", ", site.ControlPlane.Select(n => n.Name))),
            Errors.NodeNotFound_Member_Action,
            name
        );
}
