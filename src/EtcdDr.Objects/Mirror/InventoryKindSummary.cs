namespace EtcdDr;

/// <summary>How many objects of a kind a snapshot and what it was compared with hold, and how many of them differ.</summary>
public sealed record InventoryKindSummary
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Objects in the snapshot.</summary>
    public int InSnapshot { get; init; }

    /// <summary>Objects in what it was compared with.</summary>
    public int Compared { get; init; }

    /// <summary>Objects that are in the snapshot only.</summary>
    public int Missing { get; init; }

    /// <summary>Objects that are not in the snapshot.</summary>
    public int Added { get; init; }

    /// <summary>Objects that differ.</summary>
    public int Changed { get; init; }

    /// <summary>Pods, or owners of pods, of which fewer are ready.</summary>
    public int NotReady { get; init; }

    /// <summary>The snapshot.</summary>
    public required string Snapshot { get; init; }

    /// <summary>What it was compared with: the cluster's name or the other snapshot's path.</summary>
    public required string ComparedWith { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
