using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Free space on the control-plane nodes: for the staged data beside the present one, and for journal and keys.</summary>
internal sealed class FreeSpaceCheck : IMirrorCheck
{
    private const long ForConfiguration = 4 * 1024 * 1024;
    private const string Enlarge = "Free space there or enlarge it.";
    private const string Space = "Free space there (Remove-EtcdRestoreBackup frees what earlier restores keep) or enlarge it.";

    public string Name => "FreeSpace";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var dbSize = Math.Max(primary.DbSize, 1);
        var findings = secondary.ControlPlane.Where(n => n.Facts is not null).SelectMany(n => OfNode(n, dbSize));
        return MirrorFinding.OrPass(
            findings,
            secondary.ControlPlane.Any(n => n.Facts is not null),
            $"All control-plane nodes that answer have {HumanText.Size(RestorePlanner.NeededBytes(dbSize))} free."
        );
    }

    private static IEnumerable<MirrorFinding> OfNode(SiteNode node, long dbSize)
    {
        var ofData = node.Staged ? OfStage(node, RestorePlanner.StagedBytes(dbSize)) : OfNewData(node, RestorePlanner.NeededBytes(dbSize));
        return ofData.Concat(OfConfiguration(node));
    }

    // Its etcd may run already, by a restore that was interrupted and must not be kept from its end: a warning.
    private static IEnumerable<MirrorFinding> OfStage(SiteNode node, long need)
    {
        var facts = node.Facts!;
        if (facts.FreeBytes < need)
        {
            var lacks = Lacks(node, facts.DataDirectory, facts.FreeBytes, need, "when etcd starts with what is staged there", Space);
            yield return lacks with
            {
                Status = MirrorStatus.Warning,
            };
        }
    }

    private static IEnumerable<MirrorFinding> OfNewData(SiteNode node, long need)
    {
        var facts = node.Facts!;
        if (facts.FreeBytes < need)
        {
            yield return Lacks(node, facts.DataDirectory, facts.FreeBytes, need, "beside the present data", Space);
        }

        if (facts.WalDirectory is { } wal && facts.WalFreeBytes < RestorePlanner.NewWal)
        {
            yield return Lacks(node, wal, facts.WalFreeBytes, RestorePlanner.NewWal, "for a new write-ahead log", Enlarge);
        }
    }

    private static IEnumerable<MirrorFinding> OfConfiguration(SiteNode node)
    {
        var facts = node.Facts!;
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
