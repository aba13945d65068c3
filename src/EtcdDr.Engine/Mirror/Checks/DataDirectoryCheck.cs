namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Data directory of each member of the secondary: one volume, wherever it lies.</summary>
internal sealed class DataDirectoryCheck : IMirrorCheck
{
    public string Name => "DataDirectory";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary) =>
        MirrorFinding.OrPass(secondary.ControlPlane.Where(n => n.Etcd is not null).Select(n => Finding(primary, n)), false, string.Empty);

    private static MirrorFinding Finding(SiteFacts primary, SiteNode node)
    {
        var etcd = node.Etcd!;
        var theirs = primary.ControlPlane.FirstOrDefault(t => t.Name == node.Name)?.Etcd?.DataHostPath;
        var finding =
            etcd.MountsInsideDataDir.Count > 0
                ? MirrorFinding.Fail(
                    $"On node '{node.Name}' other volumes are mounted inside etcd's data directory {etcd.DataHostPath}.",
                    "Move etcd's data to one volume (and --wal-dir to another, if wanted) before restoring."
                )
            : theirs is null || theirs == etcd.DataHostPath
                ? MirrorFinding.Pass($"etcd on node '{node.Name}' keeps its data in {etcd.DataHostPath}.")
            : MirrorFinding.Information(
                $"etcd on node '{node.Name}' keeps its data in {etcd.DataHostPath}, on the primary in {theirs}; that may be so."
            );
        return finding with { Node = node.Name, Primary = theirs, Secondary = etcd.DataHostPath };
    }
}
