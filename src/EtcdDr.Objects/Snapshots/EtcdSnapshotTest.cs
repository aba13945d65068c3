namespace EtcdDr;

/// <summary>The outcome of one check of a snapshot: passed, or a finding.</summary>
public sealed record EtcdSnapshotTest
{
    /// <summary>The snapshot: its path, with the host in front where it is not on this machine.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The check: Layout, Files, Trailer, Pages, Revision, KeyCount, HashKV, Alarms, Archives, Keys, Permissions or
    /// Drill.</summary>
    public required string Check { get; init; }

    /// <summary>Whether it passed.</summary>
    public bool Success => Severity == SnapshotTestSeverity.None;

    /// <summary>How bad it is; None where it passed.</summary>
    public SnapshotTestSeverity Severity { get; init; }

    /// <summary>What was found.</summary>
    public required string Message { get; init; }

    /// <summary>What the operator can do about a finding; null where the check passed.</summary>
    public string? Remedy { get; init; }

    /// <summary>The file, or other part of the snapshot, that it is about; null for the whole.</summary>
    public string? Target { get; init; }

    /// <summary>How long the check took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
