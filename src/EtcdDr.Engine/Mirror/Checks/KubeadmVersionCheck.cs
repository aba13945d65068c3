using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>kubeadm of the nodes: the same minor version as on the primary, or as the secondary's own apiserver where the primary's nodes
/// tell none.</summary>
internal sealed class KubeadmVersionCheck : IMirrorCheck
{
    public string Name => "KubeadmVersion";

    public string Category => "Versions";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var installed = secondary.Probed.Where(n => n.Probe!.Kubeadm is not null).ToList();
        if (installed.Count == 0)
        {
            return [MirrorFinding.Information("kubeadm is on no node of the secondary that answers.")];
        }

        var findings = installed
            .Select(n => (Node: n, Expected: Expected(primary, secondary, n.Name)))
            .Where(n => n.Expected is not null && EtcdVersions.Minor(n.Expected) != EtcdVersions.Minor(n.Node.Probe!.Kubeadm!))
            .Where(n => !KubernetesVersionCheck.FollowsFromClusters(primary, secondary, n.Expected!, n.Node.Probe!.Kubeadm!))
            .Select(n =>
                MirrorFinding.Warning(
                    $"kubeadm of node '{n.Node.Name}' is {n.Node.Probe!.Kubeadm}; {n.Expected} is expected.",
                    "Install kubeadm of the primary's minor version."
                ) with
                {
                    Node = n.Node.Name,
                    Primary = n.Expected,
                    Secondary = n.Node.Probe.Kubeadm,
                }
            );
        return MirrorFinding.OrPass(findings, true, "kubeadm is of the expected minor version wherever it is installed.");
    }

    private static string? Expected(SiteFacts primary, SiteFacts secondary, string node) =>
        primary.Probed.FirstOrDefault(n => n.Name == node)?.Probe!.Kubeadm
        ?? primary.Probed.Select(n => n.Probe!.Kubeadm).FirstOrDefault(v => v is not null)
        ?? primary.KubernetesVersion
        ?? secondary.KubernetesVersion;
}
