using System.Collections;

namespace EtcdDr;

/// <summary>
/// An object of Kubernetes, whole: its body is a tree of dictionaries, lists and values that scripts read and change by dots. What it is
/// called is what its body says.
/// </summary>
public sealed record ClusterObject
{
    /// <summary>Group and version: <c>apps/v1</c>, <c>v1</c>.</summary>
    public string ApiVersion => Text("apiVersion") ?? "";

    /// <summary>Kind.</summary>
    public string Kind => Text("kind") ?? "";

    /// <summary>Namespace; null for objects of the cluster.</summary>
    public string? Namespace => Metadata("namespace");

    /// <summary>Name.</summary>
    public string Name => Metadata("name") ?? "";

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels =>
        At(Body["metadata"], "labels") is IDictionary labels
            ? labels.Keys.Cast<object>().ToDictionary(k => $"{k}", k => $"{labels[k]}", StringComparer.Ordinal)
            : new Dictionary<string, string>();

    /// <summary>Where it comes from: a cluster's name, a snapshot, or a file.</summary>
    public string Source { get; init; } = "";

    /// <summary>
    /// The object itself, as the API gives it. Keys that users choose (data, labels, annotations) are told apart by case, all others are
    /// not. Views do not show what is in it: it may be a secret.
    /// </summary>
    public required IDictionary Body { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";

    private string? Metadata(string key) => At(Body["metadata"], key) is { } value && $"{value}" is { Length: > 0 } text ? text : null;

    private string? Text(string key) => Body[key] is { } value ? $"{value}" : null;

    private static object? At(object? map, string key) => map is IDictionary dictionary ? dictionary[key] : null;
}
