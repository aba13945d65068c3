namespace EtcdDr;

/// <summary>Everything that a restore will do, found out by reading only.</summary>
public sealed record RestorePlan
{
    /// <summary>Identifier of the restore: names its directories on the nodes.</summary>
    public required string Id { get; init; }

    /// <summary>The cluster that is restored into.</summary>
    public required string Cluster { get; init; }

    /// <summary>The snapshot.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The cluster that the snapshot was taken from; null where it does not say.</summary>
    public string? SnapshotCluster { get; init; }

    /// <summary>When the snapshot was taken, UTC; of a bare database file when it was last written to.</summary>
    public DateTime SnapshotCreated { get; init; }

    /// <summary>The operator's words for the snapshot.</summary>
    public string? SnapshotLabel { get; init; }

    /// <summary>Revision of the snapshot; null where it does not say.</summary>
    public long? SnapshotRevision { get; init; }

    /// <summary>The highest revision that is known of the cluster that is restored into, by its members and their database files; null
    /// where none could be read.</summary>
    public long? TargetRevision { get; init; }

    /// <summary>The newest time that an object among the last records of the cluster's database tells of itself, UTC: when it was made, or
    /// changed by a field manager. Null where none tells any.</summary>
    public DateTime? TargetNewestChange { get; init; }

    /// <summary>The key of that object.</summary>
    public string? TargetNewestKey { get; init; }

    /// <summary>When a member's database file was last written to, UTC, by that node's clock: nothing of the cluster is newer. Null where
    /// none could be read.</summary>
    public DateTime? TargetWritten { get; init; }

    /// <summary>The revision above which the restored members begin; null where their revisions are not raised.</summary>
    public long? RaisedTo { get; init; }

    /// <summary>When the plan was made, UTC.</summary>
    public DateTime Made { get; init; }

    /// <summary>Size of the snapshot's database, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>Whether it only stages.</summary>
    public bool StageOnly { get; init; }

    /// <summary>Whether what is restored is kept quiet until <c>Complete-EtcdRestore</c>.</summary>
    public bool Quiesce { get; init; }

    /// <summary>Control-plane nodes and what was found there.</summary>
    public required IReadOnlyList<RestorePlanNode> Nodes { get; init; }

    /// <summary>Control-plane nodes that are given up: they are no members of the restored etcd.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Whether the nodes that are given up were a majority, and could serve the previous state by themselves if they came
    /// back.</summary>
    public bool LostCouldServe { get; init; }

    /// <summary>Worker nodes.</summary>
    public IReadOnlyList<string> Workers { get; init; } = [];

    /// <summary>The steps, in order.</summary>
    public required IReadOnlyList<RestorePlanStep> Steps { get; init; }

    /// <summary>What is recycled afterwards, in words.</summary>
    public IReadOnlyList<string> Recycles { get; init; } = [];

    /// <summary>What the preflight found.</summary>
    public IReadOnlyList<RestoreFinding> Findings { get; init; } = [];

    /// <summary>How long the API will be away, roughly.</summary>
    public TimeSpan EstimatedApiDowntime { get; init; }

    /// <summary>How long all of it will take until the API is back, roughly.</summary>
    public TimeSpan EstimatedDuration { get; init; }

    /// <summary>Whether nothing that was found forbids it.</summary>
    public bool Feasible => Findings.All(f => !f.Blocks);

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
