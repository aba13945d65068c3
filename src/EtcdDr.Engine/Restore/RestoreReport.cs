using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>Reads what the report of a restore shows at its end.</summary>
internal static class RestoreReport
{
    /// <summary>What a journal tells of its restore, for whoever ends it or looks at it later.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="cluster">The cluster's name in this machine's profile.</param>
    public static EtcdRestore Of(RestoreJournal journal, string cluster) =>
        new()
        {
            Id = journal.Id,
            Cluster = cluster,
            Snapshot = journal.Snapshot,
            SnapshotPath = journal.SnapshotPath,
            SnapshotCreated = journal.SnapshotCreated,
            DatabaseSha256 = journal.DatabaseSha256,
            Lost = journal.Lost,
            PreviousClusterId = journal.PreviousClusterId,
        };

    /// <summary>Status of every member.</summary>
    public static Task<IReadOnlyList<EtcdMemberStatus>> MembersAsync(RestoreRun run, CancellationToken cancellationToken) =>
        EtcdStatusOperation.RunAsync(run.Session, run.Nodes.Select(n => n.Node).ToList(), cancellationToken);

    /// <summary>Pods of all namespaces, by namespace and name.</summary>
    public static async Task<IReadOnlyList<RestorePod>> PodsAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var pods = new List<RestorePod>();
        await foreach (var item in api.ListAsync("/api/v1/pods", cancellationToken: cancellationToken))
        {
            pods.Add(PodState.From(item).ToReport());
        }

        return pods.OrderBy(p => p.Namespace, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal).ToList();
    }
}
