namespace EtcdDr.Engine.Restore;

/// <summary>In which order workloads are restarted, and which pods are deleted. Pure.</summary>
internal static class RecycleOrder
{
    // Namespaces in which clusters keep what makes them a cluster; nobody's own pods are looked for elsewhere.
    internal static readonly IReadOnlySet<string> SystemNamespaces = new HashSet<string>(StringComparer.Ordinal)
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

    private const int Storage = 3;

    private static readonly HashSet<string> CephDaemons = new(StringComparer.Ordinal)
    {
        "rook-ceph-mon",
        "rook-ceph-mgr",
        "rook-ceph-osd",
        "rook-ceph-mds",
        "rook-ceph-rgw",
    };

    /// <summary>Workloads by rank: the network and its proxy, names, what webhooks are answered by, storage, and then the rest, which may
    /// need all of these.</summary>
    /// <param name="workloads">The workloads.</param>
    /// <param name="backends">Workloads that answer webhooks.</param>
    public static IEnumerable<RecycleRank> Ranks(IReadOnlyCollection<Workload> workloads, Func<Workload, bool> backends)
    {
        var storage = StorageDaemons(workloads);
        return workloads
            .GroupBy(w => Rank(w, backends, storage))
            .OrderBy(g => g.Key)
            .Select(g => new RecycleRank([.. g.OrderBy(w => w.Path, StringComparer.Ordinal)], OneAtATime: g.Key == Storage));
    }

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

    private static int Rank(Workload workload, Func<Workload, bool> backends, Func<Workload, bool> storage)
    {
        var system = SystemNamespaces.Contains(workload.Namespace);
        return storage(workload) ? Storage
            : system && workload.Kind == "DaemonSet" ? 0
            : system && workload.Name.Contains("dns", StringComparison.Ordinal) ? 1
            : backends(workload) ? 2
            : Storage + 1;
    }

    // A CSI driver's part on every node is a plug-in of the kubelet. What else stands for data in the namespace of such a driver is its
    // storage system (Longhorn, OpenEBS, LINSTOR, Portworx ...); Rook keeps each daemon of Ceph in a Deployment of its own.
    private static Func<Workload, bool> StorageDaemons(IEnumerable<Workload> workloads)
    {
        var spaces = workloads
            .Where(w => w.IsKubeletPlugin)
            .Select(w => w.Namespace)
            .Where(n => !SystemNamespaces.Contains(n))
            .ToHashSet(StringComparer.Ordinal);
        return w =>
            w.IsKubeletPlugin
            || (w.Kind is "DaemonSet" or "StatefulSet" && spaces.Contains(w.Namespace))
            || (w.PodLabels.TryGetValue("app", out var app) && CephDaemons.Contains(app));
    }
}
