namespace EtcdDr;

/// <summary>What was done with an object in a cluster, or would be done.</summary>
public sealed record ClusterObjectResult
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>What is done.</summary>
    public required ClusterObjectAction Action { get; init; }

    /// <summary>Whether it is planned only: nothing was written.</summary>
    public bool Planned { get; init; }

    /// <summary>Group and version.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Namespace in the cluster; null for objects of the cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Paths that differ between what is there and what is to be there.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>What is to be known of it, as sentences; null where the action says all.</summary>
    public string? Message { get; init; }

    /// <summary>The error by which it was refused; null where it was not.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Where it came from.</summary>
    public string? Source { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Action} {Kind} {Name}" : $"{Action} {Kind} {Namespace}/{Name}";
}
