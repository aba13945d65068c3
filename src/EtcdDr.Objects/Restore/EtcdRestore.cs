namespace EtcdDr;

/// <summary>A restore and how it went: its report.</summary>
public sealed record EtcdRestore
{
    /// <summary>Identifier of the restore.</summary>
    public required string Id { get; init; }

    /// <summary>The cluster that was restored into.</summary>
    public required string Cluster { get; init; }

    /// <summary>The snapshot's name.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Where the snapshot lies.</summary>
    public string? SnapshotPath { get; init; }

    /// <summary>When the snapshot was taken, UTC; null where that is not known.</summary>
    public DateTime? SnapshotCreated { get; init; }

    /// <summary>SHA-256 of the snapshot's database as it was shipped, 64 lower-case hexadecimal digits.</summary>
    public string? DatabaseSha256 { get; init; }

    /// <summary>etcd version that the snapshot was taken from.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>Kubernetes version that the snapshot was taken from.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>What carried it out, for example <c>EtcdDr 0.1.0</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>Control-plane nodes that were given up: they are no members of the restored etcd.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Where it stands.</summary>
    public RestoreState State { get; init; }

    /// <summary>What is true and what can be done next, in sentences.</summary>
    public string? Message { get; init; }

    /// <summary>When it began, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>How long it took from the beginning to the end.</summary>
    public TimeSpan? Duration => Finished - Started;

    /// <summary>When the first apiserver was told to stop, UTC; null while none was: then the API served all the time.</summary>
    public DateTime? ApiStopped { get; init; }

    /// <summary>When the first apiserver was ready again, UTC; null if none was before the end.</summary>
    public DateTime? ApiReady { get; init; }

    /// <summary>How long no apiserver was ready.</summary>
    public TimeSpan? ApiDowntime { get; init; }

    /// <summary>Time from the beginning until an apiserver was ready again: the recovery time that was reached (RTO).</summary>
    public TimeSpan? TimeToApi { get; init; }

    /// <summary>
    /// Age of the snapshot when the API was stopped: the recovery point that was reached (RPO). What was written to the source in that time
    /// is not in the restored state. Null where the state of before was put back, which holds it.
    /// </summary>
    public TimeSpan? SnapshotAge => PutBack ? null : ApiStopped - SnapshotCreated;

    private bool PutBack => State is RestoreState.Undone or RestoreState.RolledBack || Steps.Any(s => s.Phase == "Undo");

    /// <summary>etcd's cluster id before, 16 hexadecimal digits; null where etcd did not answer.</summary>
    public string? PreviousClusterId { get; init; }

    /// <summary>etcd's cluster id afterwards, 16 hexadecimal digits.</summary>
    public string? ClusterId { get; init; }

    /// <summary>HashKV that all members agree on afterwards.</summary>
    public long? HashKv { get; init; }

    /// <summary>The plan.</summary>
    public RestorePlan? Plan { get; init; }

    /// <summary>Steps with their times.</summary>
    public IReadOnlyList<RestoreStepResult> Steps { get; init; } = [];

    /// <summary>etcd members at the end.</summary>
    public IReadOnlyList<EtcdMemberStatus> Members { get; init; } = [];

    /// <summary>Pods at the end.</summary>
    public IReadOnlyList<RestorePod> Pods { get; init; } = [];

    /// <summary>What was not ready when the waiting time ended.</summary>
    public IReadOnlyList<RestoreNotReady> NotReady { get; init; } = [];

    /// <summary>What of the restored state does not fit the nodes: pod networks, provider names, attached volumes.</summary>
    public IReadOnlyList<RestoreFinding> Findings { get; init; } = [];

    /// <summary>Directory of logs, journal and report.</summary>
    public string? LogPath { get; init; }

    /// <summary>Where each node keeps the previous data.</summary>
    public IReadOnlyDictionary<string, string> PreviousData { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override string ToString() => $"{Id} ({State})";
}
