using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Which kinds of objects a cluster keeps: every group that its own apiserver serves, custom resources included.</summary>
internal static class InventoryDiscovery
{
    /// <summary>The kinds, sorted by group and name, and what could not be asked.</summary>
    public static async Task<(IReadOnlyList<InventoryResource> Resources, IReadOnlyList<string> Warnings)> ReadAsync(
        KubeApi api, CancellationToken cancellationToken, Action<string>? unreadGroup = null)
    {
        var warnings = new List<string>();
        var found = new Dictionary<(string Group, string Resource), InventoryResource>();
        var aggregated = await AggregatedAsync(api, cancellationToken);
        foreach (var (group, version) in await GroupVersionsAsync(api, cancellationToken))
        {
            // Other servers keep the objects of aggregated groups, such as metrics; they are not in this cluster's etcd.
            if (aggregated.Contains($"{version}.{group}"))
            {
                continue;
            }

            try
            {
                foreach (var resource in await ResourcesAsync(api, group, version, cancellationToken))
                {
                    // Preferred versions come first.
                    found.TryAdd((group, resource.Resource), resource);
                }
            }
            catch (EtcdDrException e) when (e.ErrorId is "KubeApiNotFound" or "KubeApiError" or "KubeApiForbidden")
            {
                unreadGroup?.Invoke(group);
                warnings.Add($"The kinds of {group}/{version} could not be read: {e.Message}");
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
