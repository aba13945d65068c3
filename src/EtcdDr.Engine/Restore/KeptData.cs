using System.Collections.Concurrent;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>What finished restores keep on the nodes: the previous data and keys.</summary>
public sealed class KeptData(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Frees what a finished restore keeps on the nodes, or only measures it.</summary>
    /// <returns>Bytes by node.</returns>
    /// <exception cref="EtcdDrException"><c>RestoreNotFound</c>, <c>RestoreUnfinished</c>.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RemoveAsync(
        EtcdCluster cluster,
        string id,
        bool measureOnly,
        CancellationToken cancellationToken
    )
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        var journals = found.Journals.Where(j => j.Journal.Id == id).ToList();
        if (journals.Count == 0)
        {
            throw RestoreHistory.NotFound(cluster, id);
        }

        if (journals.Find(j => j.Journal.Unfinished) is { } unfinished)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreUnfinished.With(id, cluster.Name, unfinished.Node, unfinished.Journal.State),
                Errors.RestoreUnfinished_Action,
                id
            );
        }

        await using var held = measureOnly
            ? null
            : await ClusterLock.TakeAsync(
                session,
                found.Reached,
                LockMode.Exclusive,
                $"removing what restore {id} keeps",
                false,
                cancellationToken
            );
        var freed = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            journals,
            cancellationToken,
            async (journal, ct) =>
            {
                var node = found.Reached.First(n => n.Name == journal.Node);
                var layout = journal.Journal.Nodes.First(n => n.Name == journal.Node);
                var host = await session.HostAsync(node, ct);
                var result = await host.RunAsync(
                    RestoreCommands.RemoveBackup.With(
                        journal.Directory,
                        layout.WorkDirectory,
                        layout.WalWorkDirectory ?? string.Empty,
                        measureOnly ? "measure" : "remove"
                    ),
                    ct
                );
                freed[journal.Node] = long.Parse(result.Text.Trim());
            }
        );
        return freed;
    }
}
