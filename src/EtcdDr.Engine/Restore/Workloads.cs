namespace EtcdDr.Engine.Restore;

/// <summary>Kinds of workloads that are rolled and waited for.</summary>
internal static class Workloads
{
    /// <summary>Their collections in apps/v1.</summary>
    public static readonly IReadOnlyList<string> Plurals = ["daemonsets", "deployments", "statefulsets"];
}
