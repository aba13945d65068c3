using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Members that came to a restored etcd after the restore. They run its state, and a majority of them would go on serving it when the nodes
/// of the restore are put back.
/// </summary>
internal static class AddedMembers
{
    /// <summary>Asks the nodes of a restore that have its data for their member list. Where none answers nothing is known, and nothing
    /// serves.</summary>
    /// <exception cref="EtcdDrException"><c>MembersAdded</c>.</exception>
    public static async Task RefuseAsync(RestoreRun run, IReadOnlyList<NodeStanding> standings, CancellationToken cancellationToken)
    {
        var nodes = run.Nodes.Where(n => standings.Any(s => s.Node == n.Name && s is { Swapped: true, EtcdHeld: false })).ToList();
        var opened = await EtcdNode.OpenAllAsync(run.Session, [.. nodes.Select(n => n.Node)], cancellationToken);
        try
        {
            var added = Of([.. opened.SelectMany(o => o.Members)], run.Journal.Current.Nodes);
            if (added.Count > 0)
            {
                throw Refusal(run, added);
            }
        }
        finally
        {
            await EtcdNode.DisposeAllAsync(opened);
        }
    }

    /// <summary>Members that none of the restore's nodes is.</summary>
    internal static IReadOnlyList<EtcdMember> Of(IReadOnlyList<EtcdMember> members, IReadOnlyList<JournalNode> nodes)
    {
        var own = nodes.SelectMany(n => n.PeerUrls).ToHashSet(StringComparer.Ordinal);
        return [.. members.DistinctBy(m => m.Id).Where(m => !m.PeerUrls.Any(own.Contains))];
    }

    private static EtcdDrException Refusal(RestoreRun run, IReadOnlyList<EtcdMember> added)
    {
        var names = added.Select(m => m.Name.Length > 0 ? m.Name : EtcdStatusOperation.Id(m.Id)).ToList();
        var cluster = run.Session.Cluster.Name;
        return new EtcdDrException(
            "MembersAdded",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.MembersAdded.With(run.Journal.Current.Id, cluster, string.Join(", ", names)),
            Errors.MembersAdded_Action.With(string.Join("; ", names.Select(n => Errors.MembersAdded_Remove_Part.With(cluster, n)))),
            cluster
        );
    }
}
