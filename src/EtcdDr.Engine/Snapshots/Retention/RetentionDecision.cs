namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>What becomes of a snapshot, and why.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Keep">Whether it stays.</param>
/// <param name="Reason">Why, as the rest of a sentence that begins with "kept" or "removed".</param>
public sealed record RetentionDecision(EtcdSnapshot Snapshot, bool Keep, string Reason);
