namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Which kinds of objects a cluster keeps: every group that its own apiserver serves, custom resources included.</summary>
internal static class InventoryDiscovery
{
    /// <summary>The kinds, sorted by group and name, and what could not be asked.</summary>
    public static async Task<(IReadOnlyList<KubeResource> Resources, IReadOnlyList<string> Warnings)> ReadAsync(
        KubeApi api,
        CancellationToken cancellationToken,
        Action<string>? unreadGroup = null
    )
    {
        var warnings = new List<string>();
        var found = new Dictionary<(string Group, string Resource), KubeResource>();
        // Other servers keep the objects of aggregated groups, such as metrics; they are not in this cluster's etcd.
        foreach (var version in await KubeDiscovery.ReadAsync(api, withAggregated: false, cancellationToken))
        {
            if (version.Failure is { } failure)
            {
                unreadGroup?.Invoke(version.Group);
                warnings.Add($"The kinds of {version.Group}/{version.Version} could not be read: {failure.Message}");
            }

            foreach (var resource in version.Resources.Where(r => r.Verbs.Contains("list")))
            {
                // Preferred versions come first.
                found.TryAdd((version.Group, resource.Resource), resource);
            }
        }

        return (
            [
                .. found
                    .Values.Where(r => !InventoryRules.Skips(r))
                    .OrderBy(r => r.Group, StringComparer.Ordinal)
                    .ThenBy(r => r.Resource, StringComparer.Ordinal),
            ],
            warnings
        );
    }
}
