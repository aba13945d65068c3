namespace EtcdDr.Engine.Restore;

/// <summary>How long a cluster is waited for after its API is back: as the operator says, else by the cluster's size. Pure.</summary>
internal static class ConvergeBudget
{
    // What takes a DaemonSet over a cluster is its nodes, one after the other.
    private const int SmallCluster = 50;
    private static readonly TimeSpan OfSmall = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PerNode = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);
    private static readonly TimeSpan OfRank = TimeSpan.FromMinutes(2);

    /// <summary>For all of it.</summary>
    /// <param name="chosen">What the operator said; null for nothing.</param>
    /// <param name="nodes">How many nodes the cluster has.</param>
    public static TimeSpan Whole(TimeSpan? chosen, int nodes) =>
        chosen ?? Least(OfSmall + (PerNode * Math.Max(0, nodes - SmallCluster)), Longest);

    /// <summary>For one rank of workloads before the next, or for one storage daemon: never all that is left, since what comes after needs
    /// time as well.</summary>
    /// <param name="left">What is left of the whole.</param>
    /// <param name="nodes">How many nodes the cluster has.</param>
    public static TimeSpan Rank(TimeSpan left, int nodes) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero : Least(left / 3, OfRank + (PerNode * Math.Max(0, nodes - SmallCluster)));

    /// <summary>For the controller manager to give every namespace this cluster's CA, twenty of them a second at least.</summary>
    /// <param name="namespaces">How many have another.</param>
    public static TimeSpan Authority(int namespaces) => Least(TimeSpan.FromSeconds(30 + (namespaces / 20.0)), OfSmall);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
