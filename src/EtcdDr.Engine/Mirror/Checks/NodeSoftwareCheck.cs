using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Container runtime, operating system and kubeadm of nodes; they may differ.</summary>
internal sealed class NodeSoftwareCheck : IMirrorCheck
{
    public string Name => "NodeSoftware";

    public string Category => "Versions";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = secondary
            .Nodes.Select(n => (n.Name, Theirs: Describe(primary, n.Name), Ours: Describe(secondary, n.Name)))
            .Where(n => n.Theirs is not null && n.Ours is not null && n.Theirs != n.Ours)
            .Select(n =>
                MirrorFinding.Information($"Node '{n.Name}' has other software on the secondary; that may be so.") with
                {
                    Node = n.Name,
                    Primary = n.Theirs,
                    Secondary = n.Ours,
                }
            );
        return MirrorFinding.OrPass(
            findings,
            primary.Of("nodes") is not null && secondary.Of("nodes") is not null,
            "Container runtimes and operating systems are the same, or not known."
        );
    }

    private static string? Describe(SiteFacts site, string node)
    {
        if (site.NodeObject(node)?["status"]?["nodeInfo"] is not { } info)
        {
            return null;
        }

        return $"{InventoryRules.Text(info["containerRuntimeVersion"])}, {InventoryRules.Text(info["osImage"])}";
    }
}
