using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Free space on the control-plane nodes: for the staged data beside the present one, and for journal and keys.</summary>
internal sealed class FreeSpaceCheck : IMirrorCheck
{
    private const long ForConfiguration = 4 * 1024 * 1024;

    public string Name => "FreeSpace";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var need = RestorePlanner.NeededBytes(Math.Max(primary.DbSize, 1));
        var findings = secondary.ControlPlane.Where(n => n.Facts is not null).SelectMany(n => OfNode(n, need));
        return MirrorFinding.OrPass(
            findings,
            secondary.ControlPlane.Any(n => n.Facts is not null),
            $"All control-plane nodes that answer have {HumanText.Size(need)} free."
        );
    }

    private static IEnumerable<MirrorFinding> OfNode(SiteNode node, long need)
    {
        var facts = node.Facts!;
        if (!node.Staged && facts.FreeBytes < need)
        {
            yield return Lacks(
                node,
                facts.DataDirectory,
                facts.FreeBytes,
                need,
                "beside the present data",
                "Free space there (Remove-EtcdRestoreBackup frees what earlier restores keep) or enlarge it."
            );
        }

        if (!node.Staged && facts.WalDirectory is { } wal && facts.WalFreeBytes < RestorePlanner.WalPreallocation)
        {
            yield return Lacks(
                node,
                wal,
                facts.WalFreeBytes,
                RestorePlanner.WalPreallocation,
                "for a new write-ahead log",
                "Free space there or enlarge it."
            );
        }

        if (facts.ConfigFreeBytes < ForConfiguration)
        {
            yield return Lacks(
                node,
                facts.Manifests.StaticPodPath,
                facts.ConfigFreeBytes,
                ForConfiguration,
                "for its journal and keys",
                "Free space there."
            );
        }
    }

    private static MirrorFinding Lacks(SiteNode node, string path, long free, long need, string what, string remedy) =>
        MirrorFinding.Fail(
            $"The file system of {path} on node '{node.Name}' has {HumanText.Size(free)} free; a restore needs {HumanText.Size(need)} "
                + $"{what}.",
            remedy
        ) with
        {
            Node = node.Name,
            Primary = HumanText.Size(need),
            Secondary = HumanText.Size(free),
        };
}
