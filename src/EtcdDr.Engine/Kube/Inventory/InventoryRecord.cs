using System.Text.Json.Serialization;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>One object of a cluster in <c>inventory/objects.jsonl</c>: which it is and a digest of what people and their tools decide about
/// it.</summary>
public sealed record InventoryRecord
{
    /// <summary>API group; empty for the core group.</summary>
    [JsonPropertyName("group")]
    public required string Group { get; init; }

    /// <summary>Version that it was read in.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>Kind.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>Namespace; null for objects of the cluster.</summary>
    [JsonPropertyName("namespace")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Namespace { get; init; }

    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>SHA-256 of the object in canonical form, 64 hexadecimal digits; null where only its presence counts.</summary>
    [JsonPropertyName("sha256")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256 { get; init; }

    /// <summary>The pod's controller as <c>Kind/name</c>, a ReplicaSet's Deployment in its place; null for others and for bare
    /// pods.</summary>
    [JsonPropertyName("owner")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>Whether the pod is ready or has done its work; null for what is no pod.</summary>
    [JsonPropertyName("ready")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Ready { get; init; }
}
