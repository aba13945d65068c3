namespace EtcdDr.Engine.Kube;

/// <summary>A version of an API group and what it serves.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version.</param>
/// <param name="IsPreferred">Whether it is the group's preferred one.</param>
/// <param name="IsAggregated">Whether another server answers for it, such as the one for metrics: its objects are not in the cluster's
/// etcd.</param>
public sealed record KubeGroupVersion(string Group, string Version, bool IsPreferred, bool IsAggregated)
{
    /// <summary>What it serves, without subresources.</summary>
    public IReadOnlyList<KubeResource> Resources { get; init; } = [];

    /// <summary>Why it could not be asked; null if it could.</summary>
    public EtcdDrException? Failure { get; init; }
}
