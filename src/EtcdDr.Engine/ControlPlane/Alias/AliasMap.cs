using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>One text of a config map that is changed.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The config map.</param>
/// <param name="Key">The key of the text.</param>
/// <param name="Before">The text.</param>
/// <param name="After">What it will be.</param>
/// <param name="Version">The config map's resource version as it was read.</param>
internal sealed record AliasMap(string Namespace, string Name, string Key, string Before, string After, string? Version)
{
    private const string Prefix = "configmap-";

    /// <summary>Namespace and name.</summary>
    public string FullName => $"{Namespace}/{Name}";

    /// <summary>The name under which the previous text is kept.</summary>
    public string KeptName => $"{Prefix}{Namespace}~{Name}~{Key}";

    private string Path => $"/api/v1/namespaces/{Namespace}/configmaps/{Name}";

    /// <summary>Reads a text; null if there is no such config map or key.</summary>
    public static async Task<AliasMap?> ReadAsync(KubeApi api, string space, string name, string key, CancellationToken cancellationToken)
    {
        var map = await api.FindAsync($"/api/v1/namespaces/{space}/configmaps/{name}", cancellationToken);
        return (string?)map?["data"]?[key] is { } text
            ? new AliasMap(space, name, key, text, text, (string?)map["metadata"]?["resourceVersion"])
            : null;
    }

    /// <summary>The text that a kept name stands for, as it is now; null if it is gone or the name is another's.</summary>
    public static async Task<AliasMap?> ReadKeptAsync(KubeApi api, string keptName, CancellationToken cancellationToken) =>
        keptName.StartsWith(Prefix, StringComparison.Ordinal) && keptName[Prefix.Length..].Split('~') is [var space, var name, var key]
            ? await ReadAsync(api, space, name, key, cancellationToken)
            : null;

    /// <summary>SHA-256 of a text.</summary>
    public static string Sum(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();

    /// <summary>Writes it, only if nobody changed the config map meanwhile.</summary>
    /// <exception cref="EtcdDrException"><c>KubeApiConflict</c>.</exception>
    public Task WriteAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["data"] = new JsonObject { [Key] = After } };
        if (Version is not null)
        {
            patch["metadata"] = new JsonObject { ["resourceVersion"] = Version };
        }

        return api.PatchAsync(Path, patch, KubePatch.Merge, cancellationToken);
    }
}
