using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The discovery documents (/api, /apis and below).</summary>
internal static class Discovery
{
    /// <summary>Null when the path is no discovery document.</summary>
    public static JsonObject? Answer(string path, IReadOnlyList<Resource> all)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api"] => new JsonObject
            {
                ["kind"] = "APIVersions",
                ["versions"] = new JsonArray("v1"),
                ["serverAddressByClientCIDRs"] = new JsonArray(),
            },
            ["api", "v1"] => List("v1", all.Where(r => r.Group.Length == 0)),
            ["apis"] => new JsonObject
            {
                ["kind"] = "APIGroupList",
                ["apiVersion"] = "v1",
                ["groups"] = Groups(all),
            },
            ["apis", var group] => Groups(all).OfType<JsonObject>().FirstOrDefault(g => g.PartOf("name") == group)?.Copy(),
            ["apis", var group, var version] when all.Any(r => r.Group == group && r.Version == version) => List(
                $"{group}/{version}",
                all.Where(r => r.Group == group && r.Version == version)
            ),
            _ => null,
        };
    }

    private static string? PartOf(this JsonObject item, string name) => item.Text(name);

    private static JsonArray Groups(IReadOnlyList<Resource> all)
    {
        var groups = new JsonArray();
        foreach (var group in all.Where(r => r.Group.Length > 0).GroupBy(r => r.Group))
        {
            var versions = new JsonArray();
            foreach (var version in group.Select(r => r.Version).Distinct())
                versions.Add(Version(group.Key, version));
            groups.Add(
                new JsonObject
                {
                    ["kind"] = "APIGroup",
                    ["apiVersion"] = "v1",
                    ["name"] = group.Key,
                    ["versions"] = versions,
                    ["preferredVersion"] = versions[0]!.DeepClone(),
                }
            );
        }

        return groups;
    }

    private static JsonObject Version(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject List(string groupVersion, IEnumerable<Resource> resources)
    {
        var list = new JsonArray();
        foreach (var resource in resources)
        {
            list.Add(resource.Describe());
            if (resource.HasStatus)
                list.Add(Subresource(resource, "status", resource.Kind));
            if (resource.Plural is "deployments" or "replicasets" or "statefulsets")
                list.Add(Subresource(resource, "scale", "Scale"));
            if (resource.Plural == "pods")
            {
                list.Add(Subresource(resource, "eviction", "Eviction"));
                list.Add(Subresource(resource, "binding", "Binding"));
            }
            if (resource.Plural == "serviceaccounts")
                list.Add(Subresource(resource, "token", "TokenRequest"));
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = groupVersion,
            ["resources"] = list,
        };
    }

    private static JsonObject Subresource(Resource resource, string name, string kind) =>
        new()
        {
            ["name"] = $"{resource.Plural}/{name}",
            ["singularName"] = "",
            ["namespaced"] = resource.Namespaced,
            ["kind"] = kind,
            ["verbs"] = new JsonArray("get", "patch", "update"),
        };
}
