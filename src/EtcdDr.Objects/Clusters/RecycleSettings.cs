namespace EtcdDr;

/// <summary>What is restarted after a restore so that it matches the restored state.</summary>
public sealed record RecycleSettings
{
    /// <summary>Restart the kubelet of every node.</summary>
    public bool Kubelets { get; init; } = true;

    /// <summary>Roll DaemonSets, Deployments and StatefulSets of all namespaces.</summary>
    public bool Workloads { get; init; } = true;

    /// <summary>Parts of names of pods in system namespaces that are deleted so that they start anew (the playbook's
    /// <c>infra_pod_list</c>).</summary>
    public IReadOnlyList<string> InfrastructurePods { get; init; } =
    ["flannel", "calico", "cilium", "weave", "kube-proxy", "coredns", "kube-controller-manager", "kube-scheduler"];

    /// <summary>Namespaces whose workloads are left alone.</summary>
    public IReadOnlyList<string> ExcludedNamespaces { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
