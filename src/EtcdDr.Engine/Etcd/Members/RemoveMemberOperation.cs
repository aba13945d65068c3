using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>
/// Takes a member out of etcd, also one whose node is gone. Where the node answers, its manifests are held aside and its data is kept by
/// rename, so that it does not come back by itself; nothing is deleted.
/// </summary>
public sealed class RemoveMemberOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Reads the members and the node, and makes the plan; changes nothing.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="node">Name of the node, of the member, or its id.</param>
    /// <param name="options">What the operator chose.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>EtcdNoQuorum</c>, <c>EtcdClustersDiffer</c>, <c>MemberNotFound</c>,
    /// <c>MemberRemovalRefused</c>.</exception>
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
    /// <returns>The status of the members that are left.</returns>
    /// <exception cref="EtcdDrException"><c>EtcdMembershipRefused</c>, <c>ClusterLocked</c>, <c>ContainerWillNotStop</c>,
    /// <c>DatabaseInUse</c>.</exception>
    public async Task<IReadOnlyList<EtcdMemberStatus>> ExecuteAsync(
        PreparedMember prepared,
        MemberOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(options);
        var site = prepared.Site;
        var name = prepared.Node?.Node.Name ?? string.Join(", ", prepared.Own.Select(MemberChange.Name));
        var activity = $"Remove member {name} of {site.Session.Cluster.Name}";
        await using var held = await ClusterLock.TakeAsync(
            site.Session,
            site.Reached,
            LockMode.Exclusive,
            $"removing etcd member {name}",
            options.BreakLock,
            cancellationToken
        );
        MemberChange.Show(context, activity, name, "Taking the member out");
        await MemberChange.RemoveAsync(site, prepared.Own, options.StepTimeout, cancellationToken);
        if (prepared.Node is { } node)
        {
            await PutAsideAsync(node, activity, options, cancellationToken);
        }

        await ServesAsync(site, options.StepTimeout, cancellationToken);
        MemberChange.Show(context, activity, name, "Done", completed: true);
        var left = site.ControlPlane.Where(n => n.Name != site.Node?.Name).ToList();
        return await EtcdStatusOperation.RunAsync(site.Session, left, cancellationToken);
    }

    // Where the leader went the others elect another.
    private async Task ServesAsync(MemberSite site, TimeSpan limit, CancellationToken cancellationToken)
    {
        var deadline = context.Time.GetUtcNow() + limit;
        while (!await site.Connection.IsHealthyAsync(cancellationToken) && context.Time.GetUtcNow() < deadline)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), context.Time, cancellationToken);
        }
    }

    private async Task PutAsideAsync(MemberNode node, string activity, MemberOptions options, CancellationToken cancellationToken)
    {
        var name = node.Node.Name;
        MemberChange.Show(context, activity, name, "Taking manifests aside");
        await node.HoldAsync(Stopped(node), options, cancellationToken);
        if (node.Manifests.Etcd is not { } etcd)
        {
            return;
        }

        MemberChange.Show(context, activity, name, "Keeping the data");
        var kept = await node.KeepDataAsync(etcd, [], cancellationToken);
        if (kept.Count > 0)
        {
            context.Sink.Information($"The data of the member on node '{name}' is kept there in {string.Join(", ", kept)}.");
        }
    }

    // An apiserver that knows only this member, and what works through it, would start again and again to no end.
    private static IReadOnlyList<ControlPlanePart> Stopped(MemberNode node) =>
        node.Manifests.ApiServer is { UsesLocalEtcd: false } ? [.. node.Parts.Where(p => p.Name == ControlPlanePart.Etcd)] : node.Parts;

    private async Task FillAsync(PreparedMember prepared, string name, CancellationToken cancellationToken)
    {
        var site = prepared.Site;
        prepared.Node = await ReadAsync(site, cancellationToken);
        var etcd = prepared.Node?.Manifests.Etcd;
        IReadOnlyList<string> urls = etcd is null ? [] : [.. etcd.InitialAdvertisePeerUrls.Select(Restore.JournalNodeBuilder.Text)];
        prepared.Own = MemberRules.Of(prepared.Listed, name, urls);
        if (prepared.Own.Count == 0 && (prepared.Node is null || prepared.Node.Manifests.Etcd is null))
        {
            throw new EtcdDrException(
                "MemberNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.MemberNotFound.With(site.Session.Cluster.Name, name, string.Join(", ", prepared.Listed.Select(MemberChange.Name))),
                Errors.MemberNotFound_Action,
                name
            );
        }

        MemberChange.RequireRemovable(site, prepared.Listed, prepared.Own);
        Describe(prepared, name);
    }

    private static void Describe(PreparedMember prepared, string name)
    {
        var site = prepared.Site;
        var rest = prepared.Listed.Except(prepared.Own).ToList();
        var text = new StringBuilder();
        text.AppendLine($"Take {name} out of etcd of cluster '{site.Session.Cluster.Name}'.");
        foreach (var member in prepared.Own)
        {
            text.AppendLine($"  Removes member {MemberChange.Describe(member)} from the member list.");
        }

        var voters = rest.Where(m => !m.IsLearner).ToList();
        var serving = voters.Count(m => site.Healthy.Contains(m.Id));
        text.AppendLine(
            $"  Left are {string.Join(", ", rest.Select(MemberChange.Name))}: {serving} of {voters.Count} serve, "
                + $"{MemberRules.Quorum(voters.Count)} must."
        );
        text.Append(
            prepared.Node is { } node
                ? $"  Node '{node.Node.Name}' answers: {string.Join(", ", Stopped(node).Select(p => p.Name))} are taken aside to "
                    + $"{node.Place.HoldDirectory}, and the member's data is kept beside its directory, by rename."
                : "  The node does not answer and is left as it is. Its member refuses to go on when it comes back; a node that is gone "
                    + $"for good is removed from the API with 'kubectl delete node {name}'."
        );
        prepared.Plan = text.ToString();
        prepared.Question = $"Take member {name} out of etcd of cluster '{site.Session.Cluster.Name}'?";
    }

    // A node that does not answer, or has no control plane any more, must not keep its member in the list.
    private async Task<MemberNode?> ReadAsync(MemberSite site, CancellationToken cancellationToken)
    {
        if (site.Node is not { } node)
        {
            return null;
        }

        try
        {
            return await MemberNode.ReadAsync(site.Session, node, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            context.Sink.Warning($"Node '{node.Name}' is left as it is: {e.Message}");
            return null;
        }
    }
}
