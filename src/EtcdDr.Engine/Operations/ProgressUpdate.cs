namespace EtcdDr.Engine.Operations;

/// <summary>A step forward of an operation, overall or on one node.</summary>
/// <param name="Activity">The operation, for example <c>Restore etcd_snapshot_2026-11-22_23-53-31 into secondary</c>.</param>
/// <param name="Node">The node, host or part that the record is about; null for the operation as a whole.</param>
/// <param name="Step">What is being done now.</param>
public sealed record ProgressUpdate(string Activity, string? Node, string Step)
{
    /// <summary>Bytes moved so far, where bytes move.</summary>
    public long? BytesDone { get; init; }

    /// <summary>Bytes to move in all, where that is known.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Percent done, 0 to 100, where it is not given by bytes.</summary>
    public int? Percent { get; init; }

    /// <summary>Whether this part is finished.</summary>
    public bool Completed { get; init; }
}
