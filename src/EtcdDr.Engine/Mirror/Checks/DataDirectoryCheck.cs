using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Data directory of each member of the secondary: one volume, wherever it lies.</summary>
internal sealed class DataDirectoryCheck : IMirrorCheck
{
    public string Name => "DataDirectory";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary) =>
        MirrorFinding.OrPass(
            secondary.ControlPlane.Where(n => n.Etcd is not null).SelectMany(n => Findings(primary, n)),
            false,
            string.Empty
        );

    private static IEnumerable<MirrorFinding> Findings(SiteFacts primary, SiteNode node)
    {
        var etcd = node.Etcd!;
        var theirs = primary.ControlPlane.FirstOrDefault(t => t.Name == node.Name)?.Etcd?.DataHostPath;
        return Told(node, etcd, theirs).Select(f => f with { Node = node.Name, Primary = theirs, Secondary = etcd.DataHostPath });
    }

    private static IEnumerable<MirrorFinding> Told(SiteNode node, EtcdMemberConfiguration etcd, string? theirs)
    {
        if (etcd.MountsInsideDataDir.Count > 0)
        {
            yield return MirrorFinding.Fail(
                $"On node '{node.Name}' other volumes are mounted inside etcd's data directory {etcd.DataHostPath}.",
                "Move etcd's data to one volume (and --wal-dir to another, if wanted) before restoring."
            );
            yield break;
        }

        if (node.Facts is { DataApart: { Count: > 0 } apart })
        {
            yield return MirrorFinding.Fail(
                $"On node '{node.Name}' {string.Join(", ", apart)} is a link, or on another device than etcd's data directory "
                    + $"{etcd.DataHostPath}: new data would not lie where that leads.",
                "Bring etcd's data back to one volume while etcd is stopped; where its write-ahead log is to be on another, say so by "
                    + "--wal-dir."
            );
            yield break;
        }

        if (node.Facts is { } facts && facts.DataDirectory != etcd.DataHostPath)
        {
            yield return MirrorFinding.Information(
                $"etcd's data directory {etcd.DataHostPath} on node '{node.Name}' leads to {facts.DataDirectory} by a link; a restore "
                    + "works there, beside the data, and leaves the link as it is."
            );
            yield break;
        }

        yield return theirs is null || theirs == etcd.DataHostPath
            ? MirrorFinding.Pass($"etcd on node '{node.Name}' keeps its data in {etcd.DataHostPath}.")
            : MirrorFinding.Information(
                $"etcd on node '{node.Name}' keeps its data in {etcd.DataHostPath}, on the primary in {theirs}; that may be so."
            );
    }
}
