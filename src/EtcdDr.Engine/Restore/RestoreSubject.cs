using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>What a preflight judges: a snapshot and the cluster that it shall be restored into.</summary>
internal sealed record RestoreSubject
{
    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    public required EtcdSnapshot Snapshot { get; init; }

    /// <summary>The snapshot's manifest; null for backups that have none.</summary>
    public SnapshotManifest? Manifest { get; init; }

    public required IReadOnlyList<NodeFacts> Nodes { get; init; }

    public IReadOnlyList<string> Workers { get; init; } = [];

    public string? KubernetesVersion { get; init; }

    /// <summary>Nodes that have a valid stage of the snapshot.</summary>
    public IReadOnlySet<string> Staged { get; init; } = new HashSet<string>();

    /// <summary>Whether a node without a tool can be given one: from this machine, or from another node.</summary>
    public bool ToolsElsewhere { get; init; }
}
