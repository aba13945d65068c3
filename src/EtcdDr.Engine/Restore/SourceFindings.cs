using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Mirror.Fencing;

namespace EtcdDr.Engine.Restore;

/// <summary>What a plan says of the cluster that the snapshot came from, where that is another one: a failover beside a primary that runs
/// writes into what both share. Pure. It refuses nothing: only people know whether the source is fenced.</summary>
internal static class SourceFindings
{
    private const string Check = "PrimaryActivity";

    /// <summary>Judges.</summary>
    /// <param name="source">What the source said; null where it could not be asked for.</param>
    /// <param name="snapshot">What is known of the snapshot.</param>
    /// <param name="cluster">What is known of the target.</param>
    /// <param name="quiesce">Whether what is restored is kept quiet.</param>
    public static IReadOnlyList<RestoreFinding> Judge(SiteFacts? source, SiteFacts snapshot, SiteFacts cluster, bool quiesce)
    {
        if (source is null || snapshot.IsSameCluster(cluster))
        {
            return [];
        }

        var activity = SiteActivity.Of(source);
        var shared = SharedVolumes.Of(snapshot);
        var volumes = shared.Count == 0 ? string.Empty : $" {Volumes(shared)}";
        return activity.Answers ? [new RestoreFinding(Check, null, $"{Acts(source, activity)}{volumes}", Remedy(quiesce), Blocks: false)]
            : shared.Count > 0
                ?
                [
                    new RestoreFinding(
                        Check,
                        null,
                        $"The API of the source, cluster '{source.Name}', does not answer from here, which is no proof that its "
                            + "nodes are off: pods run "
                            + $"on without it.{volumes}",
                        Remedy(quiesce),
                        Blocks: false
                    ),
                ]
            : [];
    }

    private static string Acts(SiteFacts source, SiteActivity activity)
    {
        var said = $"The source of the snapshot, cluster '{source.Name}', still serves";
        return activity.Holds.Count > 0 ? $"{said}: {string.Join("; ", activity.Holds)}." : $"{said}.";
    }

    private static string Volumes(IReadOnlyDictionary<string, string> shared)
    {
        var some = string.Join(", ", shared.Take(3).Select(v => $"{v.Value} ({v.Key})")) + (shared.Count > 3 ? ", ..." : string.Empty);
        return $"{shared.Count} bound volumes of the snapshot are of storage that both clusters may reach, and would be mounted by "
            + $"both: {some}.";
    }

    private static string Remedy(bool quiesce) =>
        quiesce
            ? "Fence the source before Complete-EtcdRestore releases what is held."
            : "Fence the source first (stop it, cut it off, or take the volumes from it), or restore with -Quiesce for a drill.";
}
