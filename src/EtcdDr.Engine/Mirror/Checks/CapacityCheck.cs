using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>What the nodes of the secondary can bear against what the primary's pods request.</summary>
internal sealed class CapacityCheck : IMirrorCheck
{
    public string Name => "Capacity";

    public string Category => "Capacity";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Of("pods") is not { } pods || secondary.Of("nodes") is not { } nodes)
        {
            return [MirrorFinding.Information("The primary's pods or the secondary's nodes are not known.")];
        }

        var wanted = Requests(pods);
        var offered = Allocatable(nodes);
        var had = primary.Of("nodes") is { } theirs ? Allocatable(theirs) : [];
        var findings = new List<MirrorFinding>();
        foreach (var resource in wanted.Keys.Union(had.Keys).Order(StringComparer.Ordinal))
        {
            var want = wanted.GetValueOrDefault(resource);
            var offer = offered.GetValueOrDefault(resource);
            var before = had.GetValueOrDefault(resource);
            if (want > offer)
            {
                findings.Add(MirrorFinding.Fail(
                    $"The primary's pods request {Text(resource, want)} of {resource}, the secondary's nodes offer {Text(resource, offer)}.",
                    "Add nodes or enlarge them.") with { Primary = Text(resource, want), Secondary = Text(resource, offer) });
            }
            else if (offer < before * 0.9m && IsWatched(resource))
            {
                findings.Add(MirrorFinding.Warning(
                    $"The secondary's nodes offer {Text(resource, offer)} of {resource}, the primary's {Text(resource, before)}.",
                    "What pods request fits; peaks may not. Enlarge the nodes.") with { Primary = Text(resource, before), Secondary = Text(resource, offer) });
            }
        }

        return MirrorFinding.OrPass(findings, true, "The secondary's nodes offer what the primary's pods request.");
    }

    private static bool IsWatched(string resource) => resource is "cpu" or "memory" or "ephemeral-storage" or "pods" || resource.Contains('/', StringComparison.Ordinal);

    private static Dictionary<string, decimal> Requests(IEnumerable<JsonObject> pods)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => InventoryRules.Text(p["status"]?["phase"]) is not ("Succeeded" or "Failed")))
        {
            sum["pods"] = sum.GetValueOrDefault("pods") + 1;
            foreach (var (resource, amount) in OfPod(pod["spec"]))
            {
                sum[resource] = sum.GetValueOrDefault(resource) + amount;
            }
        }

        return sum;
    }

    // The scheduler counts the sum of the containers, or the largest init container if that wants more, and the pod's overhead.
    private static Dictionary<string, decimal> OfPod(JsonNode? spec)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (resource, amount) in Containers(spec, "containers").SelectMany(c => c))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }

        foreach (var (resource, amount) in Containers(spec, "initContainers").SelectMany(c => c))
        {
            sum[resource] = Math.Max(sum.GetValueOrDefault(resource), amount);
        }

        foreach (var (resource, amount) in Amounts(spec?["overhead"]))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }

        return sum;
    }

    private static IEnumerable<Dictionary<string, decimal>> Containers(JsonNode? spec, string kind) =>
        (spec?[kind] as JsonArray ?? []).Select(c => Amounts(c?["resources"]?["requests"]));

    private static Dictionary<string, decimal> Allocatable(IEnumerable<JsonObject> nodes)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (resource, amount) in nodes.SelectMany(n => Amounts(n["status"]?["allocatable"])))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }

        return sum;
    }

    private static Dictionary<string, decimal> Amounts(JsonNode? list) =>
        (list as JsonObject ?? []).ToDictionary(p => p.Key, p => KubeQuantity.Parse(p.Value?.ToString()), StringComparer.Ordinal);

    private static string Text(string resource, decimal amount) =>
        resource is "memory" or "ephemeral-storage" ? HumanText.Size((long)amount) : amount.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
