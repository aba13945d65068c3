using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Some node of the secondary satisfies each node selector of the primary's pods.</summary>
internal sealed class NodeSelectorsCheck : IMirrorCheck
{
    public string Name => "NodeSelectors";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Of("pods") is not { } pods || secondary.Of("nodes") is not { } nodes)
        {
            return [MirrorFinding.Information("The primary's pods or the secondary's nodes are not known.")];
        }

        var unmet = pods.Select(Selector)
            .Where(s => s.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .Where(s => !nodes.Any(n => s.Split(',').All(Labels(n).Contains)))
            .Select(s =>
                MirrorFinding.Warning(
                    $"No node of the secondary has the labels {s}, which pods of the primary select nodes by.",
                    "Label nodes of the secondary as on the primary."
                ) with
                {
                    Primary = s,
                }
            );
        return MirrorFinding.OrPass(unmet, true, "Nodes satisfy all node selectors.");
    }

    private static string Selector(JsonObject pod) =>
        string.Join(
            ',',
            (pod["spec"]?["nodeSelector"] as JsonObject ?? [])
                .Select(l => $"{l.Key}={InventoryRules.Text(l.Value)}")
                .Order(StringComparer.Ordinal)
        );

    private static HashSet<string> Labels(JsonObject node) =>
        [.. (node["metadata"]?["labels"] as JsonObject ?? []).Select(l => $"{l.Key}={InventoryRules.Text(l.Value)}")];
}
