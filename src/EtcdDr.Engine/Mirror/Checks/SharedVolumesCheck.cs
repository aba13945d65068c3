using EtcdDr.Engine.Mirror.Fencing;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Storage that bound volumes of both sites stand for: two clusters that mount it write into each other.</summary>
internal sealed class SharedVolumesCheck : IMirrorCheck
{
    public string Name => "SharedVolumes";

    public string Category => "Failover";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (!primary.IsLive)
        {
            return
            [
                MirrorFinding.Information("Volumes of a snapshot are nobody's as long as it is not restored; a restore's plan names them."),
            ];
        }

        if (primary.Of("persistentvolumes") is null || secondary.Of("persistentvolumes") is null)
        {
            return [MirrorFinding.Information("The volumes of both sites are not known.")];
        }

        var here = SharedVolumes.Of(secondary);
        var both = SharedVolumes.Of(primary).Where(v => here.ContainsKey(v.Key)).ToList();
        if (both.Count == 0)
        {
            return
            [
                MirrorFinding.Pass("No bound volume of the one site is storage of the other's, as far as volumes say what they stand for."),
            ];
        }

        var some = string.Join(", ", both.Take(5).Select(v => $"{v.Value} and {here[v.Key]} ({v.Key})"));
        return
        [
            MirrorFinding.Warning(
                $"{both.Count} bound volumes of the primary and the secondary are the same storage: "
                    + $"{some}{(both.Count > 5 ? ", ..." : "")}. What "
                    + "runs on both sites writes into it.",
                "Give each site storage of its own, or make sure that only one of them mounts it at any time."
            ),
        ];
    }
}
