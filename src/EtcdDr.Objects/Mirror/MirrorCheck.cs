namespace EtcdDr;

/// <summary>The outcome of one check whether a secondary is fit to take a primary's state, for the site or for one of its nodes.</summary>
public sealed record MirrorCheck
{
    /// <summary>Name of the check; <c>-Include</c> and <c>-Exclude</c> take it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about: Access, Nodes, Endpoint, Names, Versions, Etcd, Settings, Capacity, Workloads.</summary>
    public required string Category { get; init; }

    /// <summary>The primary's name, or the snapshot that stood for it.</summary>
    public string? Primary { get; init; }

    /// <summary>The secondary's name.</summary>
    public string? Secondary { get; init; }

    /// <summary>The secondary's node; null for the site as a whole.</summary>
    public string? Node { get; init; }

    /// <summary>The outcome.</summary>
    public required MirrorStatus Status { get; init; }

    /// <summary>What the primary (or the snapshot) has; null where that says nothing.</summary>
    public string? PrimaryValue { get; init; }

    /// <summary>What the secondary has; null where that says nothing.</summary>
    public string? SecondaryValue { get; init; }

    /// <summary>What was found, as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
