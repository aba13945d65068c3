using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Labels and taints that scheduling rests on are the same on both sites.</summary>
internal sealed class NodeLabelsCheck : IMirrorCheck
{
    public string Name => "NodeLabels";

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = new List<MirrorFinding>();
        foreach (var node in secondary.Nodes)
        {
            if (primary.NodeObject(node.Name) is not { } theirs || secondary.NodeObject(node.Name) is not { } ours)
            {
                continue;
            }

            var lost = Marks(theirs).Except(Marks(ours)).Order(StringComparer.Ordinal).ToList();
            var more = Marks(ours).Except(Marks(theirs)).Order(StringComparer.Ordinal).ToList();
            if (lost.Count + more.Count > 0)
            {
                findings.Add(
                    MirrorFinding.Warning(
                        $"Labels or taints of node '{node.Name}' differ.",
                        "Set the primary's labels and taints, so that pods are scheduled there as on the primary."
                    ) with
                    {
                        Node = node.Name,
                        Primary = string.Join(", ", lost.DefaultIfEmpty("-")),
                        Secondary = string.Join(", ", more.DefaultIfEmpty("-")),
                    }
                );
            }
        }

        return MirrorFinding.OrPass(
            findings,
            primary.Of("nodes") is not null && secondary.Of("nodes") is not null,
            "Labels and taints of nodes are the same."
        );
    }

    // Facts of the site's machines and zones, and a moment's state, differ by nature.
    private static IEnumerable<string> Marks(JsonObject node)
    {
        var labels = (node["metadata"]?["labels"] as JsonObject ?? [])
            .Where(l => !IsOfSite(l.Key))
            .Select(l => $"{l.Key}={InventoryRules.Text(l.Value)}");
        var taints = (node["spec"]?["taints"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Where(t => InventoryRules.Text(t["key"])?.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) != true)
            .Select(t => $"taint {InventoryRules.Text(t["key"])}={InventoryRules.Text(t["value"])}:{InventoryRules.Text(t["effect"])}");
        return labels.Concat(taints);
    }

    private static bool IsOfSite(string label) =>
        label.StartsWith("topology.", StringComparison.Ordinal)
        || label.StartsWith("failure-domain.", StringComparison.Ordinal)
        || label.StartsWith("feature.node.", StringComparison.Ordinal)
        || label.Contains("instance-type", StringComparison.Ordinal);
}
