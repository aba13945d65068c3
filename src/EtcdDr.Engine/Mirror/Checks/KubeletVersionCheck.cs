using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>kubelet versions of nodes of one name: the same minor.</summary>
internal sealed class KubeletVersionCheck : IMirrorCheck
{
    public string Name => "KubeletVersion";

    public string Category => "Versions";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = secondary
            .Nodes.Select(n => (n.Name, Theirs: Kubelet(primary, n.Name), Ours: Kubelet(secondary, n.Name)))
            .Where(n => n.Theirs is not null && n.Ours is not null && EtcdVersions.Minor(n.Theirs) != EtcdVersions.Minor(n.Ours))
            .Where(n => !KubernetesVersionCheck.FollowsFromClusters(primary, secondary, n.Theirs!, n.Ours!))
            .Select(n =>
                MirrorFinding.Warning(
                    $"The kubelet of node '{n.Name}' is {n.Theirs} on the primary and {n.Ours} on the secondary.",
                    "Bring the nodes to the same minor version."
                ) with
                {
                    Node = n.Name,
                    Primary = n.Theirs,
                    Secondary = n.Ours,
                }
            );
        return MirrorFinding.OrPass(
            findings,
            primary.Of("nodes") is not null && secondary.Of("nodes") is not null,
            "Kubelets have the same minor version on both sites."
        );
    }

    private static string? Kubelet(SiteFacts site, string node) =>
        InventoryRules.Text(site.NodeObject(node)?["status"]?["nodeInfo"]?["kubeletVersion"]);
}
