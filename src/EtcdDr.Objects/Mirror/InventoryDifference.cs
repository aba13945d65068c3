namespace EtcdDr;

/// <summary>An object that differs between a snapshot and a cluster, or between two snapshots.</summary>
public sealed record InventoryDifference
{
    /// <summary>How it differs, seen from the snapshot.</summary>
    public required InventoryChange Change { get; init; }

    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Namespace; null for objects of the cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name. For pods that a controller owns: the owner as <c>Kind/name</c>, as replicas get new names.</summary>
    public required string Name { get; init; }

    /// <summary>The snapshot.</summary>
    public required string Snapshot { get; init; }

    /// <summary>What it was compared with: the cluster's name or the other snapshot's path.</summary>
    public required string ComparedWith { get; init; }

    /// <summary>What is different, as a sentence; null where <see cref="Change"/> says all.</summary>
    public string? Message { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
