using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>What the nodes of the secondary can bear against what the primary's pods request.</summary>
internal sealed class CapacityCheck : IMirrorCheck
{
    // A node's reserve differs by a little from machine to machine.
    private const decimal Noticeable = 0.9m;

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
        var had = Allocatable(Shared(primary.Of("nodes") ?? [], nodes));
        var have = Allocatable(Shared(nodes, primary.Of("nodes") ?? []));
        var findings = new List<MirrorFinding>();
        foreach (var resource in wanted.Keys.Union(had.Keys).Order(StringComparer.Ordinal))
        {
            var want = wanted.GetValueOrDefault(resource);
            var offer = offered.GetValueOrDefault(resource);
            var (before, now) = (had.GetValueOrDefault(resource), have.GetValueOrDefault(resource));
            if (want > offer)
            {
                findings.Add(
                    MirrorFinding.Fail(
                        $"The primary's pods request {Text(resource, want)} of {resource}, the secondary's nodes offer "
                            + $"{Text(resource, offer)}.",
                        "Add nodes or enlarge them."
                    ) with
                    {
                        Primary = Text(resource, want),
                        Secondary = Text(resource, offer),
                    }
                );
            }
            else if (now < before * Noticeable && IsWatched(resource))
            {
                findings.Add(
                    MirrorFinding.Warning(
                        $"The secondary's nodes offer {Text(resource, now)} of {resource}, the primary's of the same names "
                            + $"{Text(resource, before)}.",
                        "What pods request fits; peaks may not. Enlarge the nodes."
                    ) with
                    {
                        Primary = Text(resource, before),
                        Secondary = Text(resource, now),
                    }
                );
            }
        }

        return MirrorFinding.OrPass(findings, true, "The secondary's nodes offer what the primary's pods request.");
    }

    // Nodes that only one site has are told of by their names.
    private static IEnumerable<JsonObject> Shared(IEnumerable<JsonObject> nodes, IEnumerable<JsonObject> others)
    {
        var names = others.Select(SiteFacts.NameOf).ToHashSet(StringComparer.Ordinal);
        return nodes.Where(n => names.Contains(SiteFacts.NameOf(n)));
    }

    private static bool IsWatched(string resource) =>
        resource is "cpu" or "memory" or "ephemeral-storage" or "pods" || resource.Contains('/', StringComparison.Ordinal);

    private static Dictionary<string, decimal> Requests(IEnumerable<JsonObject> pods)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(Runs))
        {
            sum["pods"] = sum.GetValueOrDefault("pods") + 1;
            foreach (var (resource, amount) in OfPod(pod["spec"]))
            {
                sum[resource] = sum.GetValueOrDefault(resource) + amount;
            }
        }

        return sum;
    }

    // A pod that found no node on the primary either is no measure.
    private static bool Runs(JsonObject pod) =>
        InventoryRules.Text(pod["status"]?["phase"]) is not ("Succeeded" or "Failed")
        && InventoryRules.Text(pod["spec"]?["nodeName"]) is { Length: > 0 };

    // The scheduler counts the sum of the containers and sidecars, or the largest init container if that wants more, and the pod's
    // overhead.
    private static Dictionary<string, decimal> OfPod(JsonNode? spec)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (
            var (resource, amount) in Containers(spec, "containers", _ => true)
                .Concat(Containers(spec, "initContainers", IsSidecar))
                .SelectMany(c => c)
        )
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }

        foreach (var (resource, amount) in Containers(spec, "initContainers", c => !IsSidecar(c)).SelectMany(c => c))
        {
            sum[resource] = Math.Max(sum.GetValueOrDefault(resource), amount);
        }

        foreach (var (resource, amount) in Amounts(spec?["overhead"]))
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }

        return sum;
    }

    private static bool IsSidecar(JsonNode? container) => InventoryRules.Text(container?["restartPolicy"]) == "Always";

    private static IEnumerable<Dictionary<string, decimal>> Containers(JsonNode? spec, string kind, Func<JsonNode?, bool> which) =>
        (spec?[kind] as JsonArray ?? []).Where(which).Select(c => Amounts(c?["resources"]?["requests"]));

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
        resource is "memory" or "ephemeral-storage"
            ? HumanText.Size((long)amount)
            : amount.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
