namespace EtcdDr.Engine.Snapshots.Retention;

/// <summary>A snapshot that a retention policy looks at.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Damage">What is wrong with it; null for a good one. A damaged one is no reason to remove another, and is left for people to
/// look at.</param>
/// <param name="NeededBy">The unfinished restore that needs it; null if none does.</param>
public sealed record RetentionCandidate(EtcdSnapshot Snapshot, string? Damage, string? NeededBy);
