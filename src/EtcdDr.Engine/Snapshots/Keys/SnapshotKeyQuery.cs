namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>Which keys of a snapshot are wanted, and what of them.</summary>
public sealed record SnapshotKeyQuery
{
    /// <summary>Accepts kinds, or resources as keys name them (<c>pods</c>); null for all.</summary>
    public Func<string, bool>? Kind { get; init; }

    /// <summary>Accepts namespaces; null for all. Objects of the whole cluster have the empty one.</summary>
    public Func<string, bool>? Namespace { get; init; }

    /// <summary>Accepts names; null for all.</summary>
    public Func<string, bool>? Name { get; init; }

    /// <summary>What keys begin with; empty for all.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Whether values and metadata are wanted.</summary>
    public bool Value { get; init; }

    /// <summary>Whether those of Secrets are wanted too.</summary>
    public bool SecretValue { get; init; }
}
