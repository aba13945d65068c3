namespace EtcdDr;

/// <summary>A profile that was found, and what it names.</summary>
public sealed record EtcdProfileInfo
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What led to it: <c>Parameter</c>, <c>Variable</c> (ETCDDR_PROFILE), <c>CurrentDirectory</c>, <c>User</c> or
    /// <c>Machine</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Names of its clusters in the order of the file.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>Names of its hosts.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Names of its places for snapshots.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Path;
}
