namespace EtcdDr.Engine.Restore;

/// <summary>Workloads that are restarted together, before those that need them.</summary>
/// <param name="Workloads">The workloads.</param>
/// <param name="OneAtATime">Whether the next is restarted only when the one before is back: each holds a part of the data.</param>
internal sealed record RecycleRank(IReadOnlyList<Workload> Workloads, bool OneAtATime);
