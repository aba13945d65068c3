using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Engine.Restore;

/// <summary>What a quiet restore cannot hold, said before it begins. Pure.</summary>
internal static class QuiesceFindings
{
    private const string Check = "Quiesce";

    /// <summary>Judges.</summary>
    /// <param name="snapshot">What is known of the snapshot.</param>
    /// <param name="cluster">What is known of the cluster.</param>
    public static IReadOnlyList<RestoreFinding> Judge(SiteFacts snapshot, SiteFacts cluster) =>
        [.. cluster.Nodes.Where(n => n is { Role: NodeRole.Worker, Failure: not null }).Select(Away), .. OnControlPlane(snapshot, cluster)];

    private static RestoreFinding Away(SiteNode node) =>
        new(
            Check,
            node.Name,
            $"Worker '{node.Name}' does not answer, so its kubelet cannot be held; when it is back it starts the pods that the "
                + "snapshot has "
                + "bound to it.",
            $"Bring '{node.Name}' back, or make sure that it stays off.",
            Blocks: true
        );

    // The kubelets of the control plane must run, since they run etcd and the apiservers; they start what is bound to them.
    private static IEnumerable<RestoreFinding> OnControlPlane(SiteFacts snapshot, SiteFacts cluster)
    {
        var names = cluster.ControlPlane.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var bound = (snapshot.Of("pods") ?? [])
            .Where(p => InventoryRules.Text(p["spec"]?["nodeName"]) is { } node && names.Contains(node))
            .Select(p => $"{InventoryRules.Text(p["metadata"]?["namespace"])}/{InventoryRules.Text(p["metadata"]?["name"])}")
            .Where(p => !p.StartsWith("kube-system/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (bound.Count > 0)
        {
            var some = string.Join(", ", bound.Take(5)) + (bound.Count > 5 ? $" and {bound.Count - 5} more" : string.Empty);
            yield return new RestoreFinding(
                Check,
                null,
                $"{bound.Count} pods outside of kube-system are bound to control-plane nodes and start there in spite of -Quiesce: {some}.",
                "Look whether they write into what the source owns; fence the source first if they do.",
                Blocks: false
            );
        }
    }
}
