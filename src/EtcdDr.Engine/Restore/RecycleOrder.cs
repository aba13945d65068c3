namespace EtcdDr.Engine.Restore;

/// <summary>In which order workloads are restarted, and which pods are deleted. Pure.</summary>
internal static class RecycleOrder
{
    // Namespaces in which clusters keep what makes them a cluster; nobody's own pods are looked for elsewhere.
    private static readonly HashSet<string> SystemNamespaces = new(StringComparer.Ordinal)
    {
        "kube-system",
        "kube-flannel",
        "kube-router",
        "calico-system",
        "calico-apiserver",
        "tigera-operator",
        "cilium",
        "cilium-system",
        "weave",
        "antrea-system",
    };

    /// <summary>Workloads by rank: the network and its proxy, names, what webhooks are answered by, and then the rest, which may need all
    /// of these.</summary>
    /// <param name="workloads">The workloads.</param>
    /// <param name="backends">Workloads that answer webhooks.</param>
    public static IEnumerable<IReadOnlyList<Workload>> Ranks(IEnumerable<Workload> workloads, Func<Workload, bool> backends) =>
        workloads
            .GroupBy(w => Rank(w, backends))
            .OrderBy(g => g.Key)
            .Select(g => (IReadOnlyList<Workload>)[.. g.OrderBy(w => w.Path, StringComparer.Ordinal)]);

    /// <summary>Whether a pod is deleted so that its controller makes it anew: an infrastructure pod of a system namespace that has a
    /// controller. A bare pod would be gone for good.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="settings">What the profile names.</param>
    public static bool IsDeleted(PodState pod, RecycleSettings settings) =>
        SystemNamespaces.Contains(pod.Namespace)
        && !settings.ExcludedNamespaces.Contains(pod.Namespace)
        && settings.InfrastructurePods.Any(part => pod.Name.Contains(part, StringComparison.Ordinal))
        && pod is { IsControlled: true, IsMirror: false }
        && !(settings.Workloads && pod.IsOwnedByWorkload);

    private static int Rank(Workload workload, Func<Workload, bool> backends)
    {
        var system = SystemNamespaces.Contains(workload.Namespace);
        return system && workload.Kind == "DaemonSet" ? 0
            : system && workload.Name.Contains("dns", StringComparison.Ordinal) ? 1
            : backends(workload) ? 2
            : 3;
    }
}
