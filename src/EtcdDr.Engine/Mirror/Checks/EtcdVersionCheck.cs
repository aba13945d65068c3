using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>etcd of the same minor version on both sites.</summary>
internal sealed class EtcdVersionCheck : IMirrorCheck
{
    public string Name => "EtcdVersion";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var theirs = primary.EtcdVersion;
        if (theirs is null)
        {
            return [MirrorFinding.Information("The primary's etcd version is not known.")];
        }

        var findings = secondary
            .ControlPlane.Where(n => n.Facts?.EtcdVersion is { } ours && EtcdVersions.Minor(ours) != EtcdVersions.Minor(theirs))
            .Select(n =>
                MirrorFinding.Fail(
                    $"The primary is of etcd {theirs}, node '{n.Name}' runs {n.Facts!.EtcdVersion}.",
                    "Use the same etcd minor version on both sites."
                ) with
                {
                    Node = n.Name,
                    Primary = theirs,
                    Secondary = n.Facts.EtcdVersion,
                }
            );
        return MirrorFinding.OrPass(
            findings,
            secondary.ControlPlane.Any(n => n.Facts?.EtcdVersion is not null),
            $"etcd is of minor version {EtcdVersions.Minor(theirs)} on all nodes that answer."
        );
    }
}
