using System.Collections.Concurrent;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>The control-plane nodes of a restore that is to be ended: those that answered, and why the others did not.</summary>
internal sealed record ReachedNodes(IReadOnlyList<RestoreNode> Nodes, IReadOnlyDictionary<string, string> Away)
{
    /// <summary>Reads the nodes of a journal. One that cannot be read counts as away: it must not keep the others from being put
    /// back.</summary>
    public static async Task<ReachedNodes> ReadAsync(
        ClusterSession session,
        RestoreJournal journal,
        RestoreJournals found,
        CancellationToken cancellationToken
    )
    {
        var nodes = new ConcurrentBag<RestoreNode>();
        var away = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await Task.WhenAll(
            journal.Nodes.Select(async layout =>
            {
                if (found.Reached.FirstOrDefault(n => n.Name == layout.Name) is not { } node)
                {
                    away[layout.Name] = Errors.RollbackIncomplete_Absent_Part;
                    return;
                }

                try
                {
                    nodes.Add(new RestoreNode(node, layout, await NodeFactsReader.ReadAsync(session, node, cancellationToken)));
                }
                catch (EtcdDrException e)
                {
                    away[layout.Name] = e.Message;
                }
            })
        );
        return new ReachedNodes([.. nodes.OrderBy(n => n.Name, StringComparer.Ordinal)], away);
    }

    /// <summary>Where each node stands, those that are away included.</summary>
    public async Task<IReadOnlyList<NodeStanding>> LookAsync(RestoreRun run, CancellationToken cancellationToken)
    {
        var seen = await Task.WhenAll(Nodes.Select(n => run.LookAsync(n, cancellationToken)));
        return [.. seen, .. Away.Keys.Order(StringComparer.Ordinal).Select(NodeStanding.Away)];
    }
}
