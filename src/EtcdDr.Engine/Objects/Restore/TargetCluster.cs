using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Objects.Owners;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>A cluster that objects go into, and what it serves.</summary>
internal sealed class TargetCluster
{
    private IReadOnlyList<KubeGroupVersion> _served = [];

    private TargetCluster(KubeApi api, string name) => (Api, Name) = (api, name);

    /// <summary>Its API.</summary>
    public KubeApi Api { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Asks a cluster what it serves.</summary>
    public static async Task<TargetCluster> ReadAsync(KubeApi api, string name, CancellationToken cancellationToken)
    {
        var target = new TargetCluster(api, name);
        await target.RefreshAsync(cancellationToken);
        return target;
    }

    /// <summary>Asks anew, after definitions were made.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) =>
        _served = await KubeDiscovery.ReadAsync(Api, withAggregated: true, cancellationToken);

    /// <summary>The resource of a kind in a version; null where the cluster does not serve it.</summary>
    public KubeResource? Find(string group, string version, string kind) =>
        _served.FirstOrDefault(v => v.Group == group && v.Version == version)?.Resources.FirstOrDefault(r => r.Kind == kind);

    /// <summary>The resource of an object's kind.</summary>
    public KubeResource? Find(KubeObject item) => Find(item.Group, item.Version, item.Kind);

    /// <summary>The versions in which the cluster serves a kind.</summary>
    public IReadOnlyList<string> Versions(KubeObject item) =>
        [.. _served.Where(v => v.Group == item.Group && v.Resources.Any(r => r.Kind == item.Kind)).Select(v => v.Version)];

    /// <summary>Whether another server answers for a group.</summary>
    public bool IsAggregated(string group) => _served.Any(v => v.Group == group && v.IsAggregated);

    /// <summary>An object in a namespace that somebody has put there; null where there is none.</summary>
    public async Task<KubeObject?> FirstInAsync(string space, CancellationToken cancellationToken)
    {
        foreach (
            var resource in _served.Where(v => !v.IsAggregated).SelectMany(v => v.Resources).Where(IsListed).DistinctBy(r => r.FullName)
        )
        {
            await foreach (var item in Api.ListAsync(resource.PathIn(space), cancellationToken: cancellationToken))
            {
                var found = Named(item, resource);
                if (!ControllerMade.Is(found) && !(found.Is("ServiceAccount") && found.Name == "default"))
                {
                    return found;
                }
            }
        }

        return null;
    }

    /// <summary>A custom resource of a definition; null where there is none.</summary>
    /// <param name="definition">The definition's name: <c>plural.group</c>.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public async Task<KubeObject?> FirstOfAsync(string definition, CancellationToken cancellationToken)
    {
        var resource = _served.SelectMany(v => v.Resources).FirstOrDefault(r => r.FullName == definition);
        if (resource is null)
        {
            return null;
        }

        await foreach (var item in Api.ListAsync(resource.Path, pageSize: 1, cancellationToken: cancellationToken))
        {
            return Named(item, resource);
        }

        return null;
    }

    private static bool IsListed(KubeResource resource) =>
        resource.IsNamespaced && resource.Verbs.Contains("list") && !InventoryRules.Skips(resource);

    private static KubeObject Named(JsonObject item, KubeResource resource)
    {
        (item["apiVersion"], item["kind"]) = (resource.ApiVersion, resource.Kind);
        return new KubeObject(item, string.Empty);
    }
}
