using EtcdDr.Engine.Mirror;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Judges whether a snapshot may be restored into a cluster, by the checks of <c>Test-ClusterMirror</c>. Pure: asks nothing of any machine.
/// What fails there forbids the restore, except for what a restore is there to mend and what it does not make worse.
/// </summary>
internal static class RestorePreflight
{
    // A dead API and a broken etcd are why people restore.
    private static readonly HashSet<string> Mended = new(StringComparer.Ordinal) { "KubeApi", "ApiServers", "EtcdHealth" };

    // Of a cluster's own snapshot these are as they were; workloads and classes that are gone are what it brings back.
    private static readonly HashSet<string> CategoriesOfAnotherSite = new(StringComparer.Ordinal)
    {
        "Endpoint",
        "Names",
        "Capacity",
        "Workloads",
    };

    /// <summary>What speaks against restoring, and what is worth a warning.</summary>
    /// <param name="snapshot">What is known of the snapshot.</param>
    /// <param name="cluster">What is known of the cluster, its nodes' stages included.</param>
    public static IReadOnlyList<RestoreFinding> Judge(SiteFacts snapshot, SiteFacts cluster)
    {
        var own = snapshot.IsSameCluster(cluster);
        var workers = cluster.Nodes.Where(n => n.Role == NodeRole.Worker).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from check in MirrorChecks.Judge(snapshot, cluster, [], [])
            where check.Status is MirrorStatus.Fail or MirrorStatus.Warning
            select new RestoreFinding(
                check.Name,
                check.Node,
                check.Message,
                check.Remedy ?? "",
                check.Status == MirrorStatus.Fail && Forbids(check, own, workers)
            ),
        ];
    }

    private static bool Forbids(MirrorCheck check, bool own, HashSet<string> workers)
    {
        // A worker that is away cannot recycle now; that is done when it is back.
        var isOfWorker = check.Node is { } node && workers.Contains(node);
        var isOfAnotherSite = CategoriesOfAnotherSite.Contains(check.Category) || check.Name == "WorkerNames";
        return !Mended.Contains(check.Name) && !(check.Category == "Access" && isOfWorker) && !(own && isOfAnotherSite);
    }
}
