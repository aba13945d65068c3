using System.Collections.Concurrent;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Shows and drops stages: data that lies ready on the nodes for a later cutover.</summary>
public sealed class StageOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Stages on the nodes of a cluster, newest first. One that is not whole on every node has the state Staging.</summary>
    public async Task<IReadOnlyList<EtcdRestore>> ListAsync(EtcdCluster cluster, CancellationToken cancellationToken) =>
        (await new RestoreHistory(context, hosts).ListAsync(cluster, cancellationToken)).Where(IsStage).ToList();

    /// <summary>Removes a stage. Live and previous data are not touched.</summary>
    /// <returns>Bytes freed by node.</returns>
    /// <exception cref="EtcdDrException"><c>StageNotFound</c>: there is none with that id, or it became a restore.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RemoveAsync(EtcdCluster cluster, string id, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        var journals = found.Journals.Where(j => j.Journal.Id == id).ToList();
        if (journals.Count == 0 || journals.Exists(j => j.Journal.State is not (RestoreState.Staging or RestoreState.Staged)))
        {
            throw new EtcdDrException(
                "StageNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.StageNotFound.With(cluster.Name, id),
                Errors.StageNotFound_Action,
                id
            );
        }

        await using var held = await ClusterLock.TakeAsync(
            session,
            found.Reached,
            LockMode.Exclusive,
            $"removing stage {id}",
            false,
            cancellationToken
        );
        var freed = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            journals,
            cancellationToken,
            async (journal, ct) =>
            {
                var layout = journal.Journal.Nodes.First(n => n.Name == journal.Node);
                var host = await session.HostAsync(found.Reached.First(n => n.Name == journal.Node), ct);
                var result = await host.RunAsync(
                    RestoreCommands.RemoveStage.With(journal.Directory, layout.WorkDirectory, layout.WalWorkDirectory ?? string.Empty),
                    ct
                );
                freed[journal.Node] = long.Parse(result.Text.Trim());
            }
        );
        return freed;
    }

    private static bool IsStage(EtcdRestore restore) => restore.State is RestoreState.Staging or RestoreState.Staged;
}
