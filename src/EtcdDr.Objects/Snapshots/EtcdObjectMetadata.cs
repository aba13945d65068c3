namespace EtcdDr;

/// <summary>Metadata of a Kubernetes object, decoded from its value.</summary>
public sealed record EtcdObjectMetadata
{
    /// <summary>Unique id.</summary>
    public string? Uid { get; init; }

    /// <summary>When the apiserver created it, UTC.</summary>
    public DateTime? Created { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations. Those of Secrets are withheld unless secret values are asked for: kubectl keeps a copy of what was applied in
    /// them.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Finalizers.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>Owners, each <c>Kind/name</c>.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
