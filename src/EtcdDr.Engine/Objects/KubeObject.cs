using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects;

/// <summary>An object out of a cluster, a snapshot or a file: whole, as JSON.</summary>
/// <param name="Body">The object, with <c>apiVersion</c>, <c>kind</c> and <c>metadata.name</c>.</param>
/// <param name="Source">Where it comes from, for messages.</param>
public sealed record KubeObject(JsonObject Body, string Source)
{
    /// <summary>Group and version: <c>apps/v1</c>, <c>v1</c>.</summary>
    public string ApiVersion => Body.TextAt("apiVersion") ?? string.Empty;

    /// <summary>API group; empty for the core group.</summary>
    public string Group => ApiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? ApiVersion[..slash] : string.Empty;

    /// <summary>Version, without its group.</summary>
    public string Version => ApiVersion[(ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Kind.</summary>
    public string Kind => Body.TextAt("kind") ?? string.Empty;

    /// <summary>Namespace; null for objects of the cluster, and for those that name none.</summary>
    public string? Namespace => Body.TextAt("metadata", "namespace") is { Length: > 0 } space ? space : null;

    /// <summary>Name.</summary>
    public string Name => Body.TextAt("metadata", "name") ?? string.Empty;

    /// <summary>UID that it had where it comes from; null if it has none.</summary>
    public string? Uid => Body.TextAt("metadata", "uid");

    /// <summary>Labels; null for none.</summary>
    public JsonObject? Labels => Body.At("metadata", "labels") as JsonObject;

    /// <summary>Annotations; null for none.</summary>
    public JsonObject? Annotations => Body.At("metadata", "annotations") as JsonObject;

    /// <summary>What it is called.</summary>
    public ObjectKey Key => new(Group, Kind, Namespace, Name);

    /// <summary>Whether it is of a kind: <c>Service</c> of the core group, or <c>Deployment.apps</c>.</summary>
    public bool Is(string fullKind) => Key.FullKind == fullKind;

    // A record would write its body, and with it what secrets hold.
    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}
