namespace EtcdDr.Engine.Restore;

/// <summary>A workload that was told to replace its pods.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Generation">The generation that it has since.</param>
internal sealed record RolledWorkload(Workload Workload, long Generation);
