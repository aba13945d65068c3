namespace EtcdDr;

/// <summary>How bad a finding about a snapshot is.</summary>
public enum SnapshotTestSeverity
{
    /// <summary>No finding: the check passed.</summary>
    None,

    /// <summary>The snapshot can be restored, but something is to be put right.</summary>
    Warning,

    /// <summary>The snapshot must not be relied on.</summary>
    Error,
}
