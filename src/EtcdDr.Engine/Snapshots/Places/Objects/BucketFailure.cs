namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>A request to a bucket that failed, before it is known whose request it was.</summary>
internal sealed class BucketFailure(BucketFailureKind kind, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What it means.</summary>
    public BucketFailureKind Kind { get; } = kind;

    /// <summary>Whether the same request may work a moment later.</summary>
    public bool MayPass => Kind is BucketFailureKind.Transient or BucketFailureKind.Damaged or BucketFailureKind.Clock;
}
