using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Which kinds of objects a cluster keeps: every group that its own apiserver serves, custom resources included.</summary>
internal static class InventoryDiscovery
{
    /// <summary>Requests at once: it is answers that are waited for, not bytes, and an apiserver has other clients too.</summary>
    public const int AtOnce = 4;

    /// <summary>The kinds, sorted by group and name, and what could not be asked.</summary>
    public static async Task<(IReadOnlyList<InventoryResource> Resources, IReadOnlyList<string> Warnings)> ReadAsync(
        KubeApi api, CancellationToken cancellationToken, Action<string>? unreadGroup = null)
    {
        var warnings = new List<string>();
        var found = new Dictionary<(string Group, string Resource), InventoryResource>();
        var aggregated = await AggregatedAsync(api, cancellationToken);

        // Other servers keep the objects of aggregated groups, such as metrics; they are not in this cluster's etcd.
        var versions = (await GroupVersionsAsync(api, cancellationToken)).Where(v => !aggregated.Contains($"{v.Version}.{v.Group}")).ToList();
        var answers = new (IReadOnlyList<InventoryResource> Resources, string? Warning)[versions.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, versions.Count, options, async (i, ct) => answers[i] = await TryResourcesAsync(api, versions[i].Group, versions[i].Version, ct));
        foreach (var ((group, _), (resources, warning)) in versions.Zip(answers))
        {
            if (warning is not null)
            {
                unreadGroup?.Invoke(group);
                warnings.Add(warning);
            }

            foreach (var resource in resources)
            {
                // Preferred versions come first.
                found.TryAdd((group, resource.Resource), resource);
            }
        }

        return ([.. found.Values.Where(r => !InventoryRules.Skips(r)).OrderBy(r => r.Group, StringComparer.Ordinal).ThenBy(r => r.Resource, StringComparer.Ordinal)], warnings);
    }

    private static async Task<IReadOnlyList<(string Group, string Version)>> GroupVersionsAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var versions = new List<(string, string)> { ("", "v1") };
        var groups = await api.GetAsync("/apis", cancellationToken);
        foreach (var group in (groups["groups"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = InventoryRules.Text(group["name"]) ?? "";
            var preferred = InventoryRules.Text(group["preferredVersion"]?["version"]);
            var all = (group["versions"] as JsonArray ?? []).Select(v => InventoryRules.Text(v?["version"])).OfType<string>();
            versions.AddRange(all.OrderBy(v => v == preferred ? 0 : 1).Select(v => (name, v)));
        }

        return versions;
    }

    private static async Task<HashSet<string>> AggregatedAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var services = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await foreach (var item in api.ListAsync("/apis/apiregistration.k8s.io/v1/apiservices", cancellationToken: cancellationToken))
            {
                if (item["spec"]?["service"] is JsonObject)
                {
                    services.Add(InventoryRules.Text(item["metadata"]?["name"]) ?? "");
                }
            }
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiNotFound" or "KubeApiForbidden")
        {
            // An apiserver without aggregation has no aggregated groups; one that hides them only costs a longer list.
            return services;
        }

        return services;
    }

    private static async Task<(IReadOnlyList<InventoryResource> Resources, string? Warning)> TryResourcesAsync(
        KubeApi api, string group, string version, CancellationToken cancellationToken)
    {
        try
        {
            return ([.. await ResourcesAsync(api, group, version, cancellationToken)], null);
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiNotFound" or "KubeApiError" or "KubeApiForbidden")
        {
            return ([], $"The kinds of {group}/{version} could not be read: {e.Message}");
        }
    }

    private static async Task<IEnumerable<InventoryResource>> ResourcesAsync(KubeApi api, string group, string version, CancellationToken cancellationToken)
    {
        var list = await api.GetAsync(group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}", cancellationToken);
        return (list["resources"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Where(r => (r["verbs"] as JsonArray)?.Any(v => InventoryRules.Text(v) == "list") == true)
            .Select(r => new InventoryResource(group, version, InventoryRules.Text(r["name"]) ?? "", InventoryRules.Text(r["kind"]) ?? ""))
            .Where(r => !r.Resource.Contains('/', StringComparison.Ordinal));
    }
}
