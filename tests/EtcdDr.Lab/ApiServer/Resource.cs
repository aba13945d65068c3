using System.Text.Json.Nodes;

namespace EtcdDr.Lab.ApiServer;

/// <summary>A resource of the API and where etcd keeps its objects.</summary>
/// <param name="Group">API group; empty for core.</param>
/// <param name="Version">Version.</param>
/// <param name="Plural">Name in paths.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
/// <param name="StoragePrefix">Below /registry, without slashes at the ends.</param>
/// <param name="HasStatus">Whether status is a subresource of its own.</param>
/// <param name="ShortNames">For kubectl.</param>
/// <param name="Custom">Whether a CRD defines it.</param>
internal sealed record Resource(
    string Group,
    string Version,
    string Plural,
    string Kind,
    bool Namespaced,
    string StoragePrefix,
    bool HasStatus,
    string[] ShortNames,
    bool Custom = false
)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As error messages name it: pods, deployments.apps.</summary>
    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string Prefix(string root, string? ns) => ns is null ? $"{root}/{StoragePrefix}/" : $"{root}/{StoragePrefix}/{ns}/";

    public string Key(string root, string? ns, string name) =>
        Namespaced ? $"{root}/{StoragePrefix}/{ns}/{name}" : $"{root}/{StoragePrefix}/{name}";

    public JsonObject Describe()
    {
        var names = new JsonArray();
        foreach (var name in ShortNames)
            names.Add(name);
        var result = new JsonObject
        {
            ["name"] = Plural,
            ["singularName"] = Kind.ToLowerInvariant(),
            ["namespaced"] = Namespaced,
            ["kind"] = Kind,
            ["verbs"] = new JsonArray("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
        };
        if (ShortNames.Length > 0)
            result["shortNames"] = names;
        return result;
    }
}
