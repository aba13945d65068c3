namespace EtcdDr.Engine.Snapshots;

/// <summary>How a snapshot is taken.</summary>
public sealed record NewSnapshotOptions
{
    /// <summary>The place that will hold the snapshot; it is made if it does not exist.</summary>
    public required SnapshotLocation Destination { get; init; }

    /// <summary>How the destination's SSH host is reached; null for defaults.</summary>
    public SshSettings? DestinationSsh { get; init; }

    /// <summary>The operator's words for it.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// Certificates that it is sealed to: absolute paths of certificate files or directories of them, thumbprints, or subjects. Null for
    /// those that the cluster's profile names; empty for none.
    /// </summary>
    public IReadOnlyList<string>? EncryptTo { get; init; }

    /// <summary>
    /// Whether a snapshot is wanted although the cluster has no leader, a member reports corruption, or members disagree: the last resort
    /// before a cluster is lost. What was passed over is recorded in the manifest.
    /// </summary>
    public bool Force { get; init; }
}
