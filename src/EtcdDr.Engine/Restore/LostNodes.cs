using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Engine.Restore;

/// <summary>What is to be known, and said, of control-plane nodes that a restore gives up.</summary>
internal static class LostNodes
{
    /// <summary>The check that findings about them belong to.</summary>
    public const string Check = "LostNodes";

    // Whether a node that is said to be away answers all the same; nobody waits longer for that.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    /// <summary>Asks nodes that are named as lost whether they are. One that answers is not, and may go on serving the previous
    /// state.</summary>
    public static async Task<IReadOnlyList<RestoreFinding>> LookAsync(
        ClusterSession session,
        IEnumerable<SiteNode> lost,
        bool couldServe,
        CancellationToken cancellationToken
    )
    {
        var asked = await Task.WhenAll(lost.Select(n => AskAsync(session, SiteReader.Of(n), cancellationToken)));
        return [.. asked.Select(a => Judge(a.Node, a.Answers, a.Serves, couldServe)).OfType<RestoreFinding>()];
    }

    /// <summary>What speaks against giving a node up.</summary>
    /// <param name="node">The node.</param>
    /// <param name="answers">Whether it answers over SSH.</param>
    /// <param name="serves">Whether its etcd knows a leader; null where its etcd does not answer.</param>
    /// <param name="couldServe">Whether the nodes that are given up were a majority.</param>
    internal static RestoreFinding? Judge(string node, bool answers, bool? serves, bool couldServe) =>
        serves is { } leads && couldServe
            ? new RestoreFinding(
                Check,
                node,
                $"Node '{node}' is named as lost, but its etcd answers{(leads ? " and has a leader" : string.Empty)}: with the other lost "
                    + "nodes it can go on serving the previous state beside the restored one.",
                "Stop its control plane (move its manifests away, or switch the node off), or count it among the survivors.",
                Blocks: true
            )
        : serves is not null
            ? new RestoreFinding(
                Check,
                node,
                $"Node '{node}' is named as lost, but its etcd answers; its apiserver may go on answering reads of the previous state.",
                "Count it among the survivors, or switch it off; Add-EtcdMember brings it in afterwards.",
                Blocks: false
            )
        : answers
            ? new RestoreFinding(
                Check,
                node,
                $"Node '{node}' is named as lost, but answers over SSH; its etcd does not run.",
                "Count it among the survivors, or bring it in with Add-EtcdMember afterwards.",
                Blocks: false
            )
        : null;

    /// <summary>What the operator is told who gives up nodes that could serve without the others.</summary>
    public static string Danger(IReadOnlyList<string> lost) =>
        $"{Names(lost)} {(lost.Count == 1 ? "was" : "were")} a majority of the previous etcd. Where they come back, or were only cut off, "
        + "they form a cluster of their own with the previous state, and their apiservers serve it beside the restored one. Peers refuse "
        + "them (another cluster id), clients do not: keep them switched off, or cut off, until each has been brought in again with "
        + "Add-EtcdMember.";

    /// <summary>What is left to do about them when the restored state serves.</summary>
    public static string AfterWords(IReadOnlyList<string> lost) =>
        lost.Count == 0
            ? string.Empty
            : $" {Names(lost)} {(lost.Count == 1 ? "is" : "are")} no member of the restored etcd: bring a node back with 'Add-EtcdMember "
                + $"-Node {lost[0]}', or, where it is gone for good, remove its object with "
                + $"'kubectl delete node {string.Join(' ', lost)}'.";

    /// <summary>What is to be known about them when the previous state was put back on the others.</summary>
    public static string UndoWords(IReadOnlyList<string> lost) =>
        lost.Count == 0
            ? string.Empty
            : $" Its etcd counts {Names(lost)} among its members again, which the restore had given up and which were not touched: it "
                + "serves when a majority of all runs with the data of before the restore.";

    private static string Names(IReadOnlyList<string> names) => string.Join(", ", names);

    // A connection that does not come about in time is closed with the session.
    private static async Task<(string Node, bool Answers, bool? Serves)> AskAsync(
        ClusterSession session,
        ClusterNode node,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await session.HostAsync(node, limit.Token);
        }
        catch (EtcdDrException)
        {
            return (node.Name, false, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (node.Name, false, null);
        }

        return (node.Name, true, await ServesAsync(session, node, cancellationToken));
    }

    private static async Task<bool?> ServesAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken)
    {
        await using var member = await EtcdNode.OpenAsync(session, node, cancellationToken);
        return member.Status is { } status ? status.LeaderId != 0 : null;
    }
}
