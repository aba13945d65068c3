namespace EtcdDr;

/// <summary>An object that differs between two sources.</summary>
public sealed record ClusterObjectDifference
{
    /// <summary>How it differs, seen from the reference.</summary>
    public required ClusterObjectChange Change { get; init; }

    /// <summary>Group and version.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Namespace; null for objects of the cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Paths that differ, without values.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Where the reference's object comes from; null where it has none.</summary>
    public string? Reference { get; init; }

    /// <summary>Where the other one's comes from; null where it has none.</summary>
    public string? ComparedWith { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Change} {Kind} {Name}" : $"{Change} {Kind} {Namespace}/{Name}";
}
