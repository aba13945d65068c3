using System.Globalization;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Client and peer port of each member of the secondary; they may differ, as a restore reads each node's manifest.</summary>
internal sealed class EtcdPortsCheck : IMirrorCheck
{
    public string Name => "EtcdPorts";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = secondary
            .ControlPlane.Where(n => n.Etcd is not null)
            .Select(n => Finding(n, primary.ControlPlane.FirstOrDefault(t => t.Name == n.Name)?.Etcd));
        return MirrorFinding.OrPass(findings, false, string.Empty);
    }

    private static MirrorFinding Finding(SiteNode node, EtcdMemberConfiguration? theirs)
    {
        var ours = Ports(node.Etcd!);
        var expected = theirs is null ? null : Ports(theirs);
        return (
            expected is null || expected == ours
                ? MirrorFinding.Pass($"etcd on node '{node.Name}' serves clients and peers on {ours}.")
                : MirrorFinding.Information(
                    $"etcd on node '{node.Name}' serves clients and peers on {ours}, on the primary on {expected}; that may be so."
                )
        ) with
        {
            Node = node.Name,
            Primary = expected,
            Secondary = ours,
        };
    }

    private static string Ports(EtcdMemberConfiguration etcd) =>
        string.Create(CultureInfo.InvariantCulture, $"{etcd.ClientPort}, {etcd.PeerPort}");
}
