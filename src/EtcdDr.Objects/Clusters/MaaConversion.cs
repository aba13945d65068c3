namespace EtcdDr;

/// <summary>What became of a <c>maak8s.env</c>.</summary>
public sealed record MaaConversion
{
    /// <summary>The environment file.</summary>
    public required string Source { get; init; }

    /// <summary>The profile.</summary>
    public required string ProfilePath { get; init; }

    /// <summary>Name of the cluster in the profile.</summary>
    public required string Cluster { get; init; }

    /// <summary>Whether the profile had to be changed.</summary>
    public bool Changed { get; init; }

    /// <summary>Variables that the profile now holds, as <c>variable -> key</c>.</summary>
    public IReadOnlyList<string> CarriedOver { get; init; } = [];

    /// <summary>What could not be carried over or needs attention, and why, as sentences.</summary>
    public IReadOnlyList<string> NotCarriedOver { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
