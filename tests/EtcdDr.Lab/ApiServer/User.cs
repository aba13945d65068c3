namespace EtcdDr.Lab.ApiServer;

/// <summary>Who asks.</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>The lab's stand-in for RBAC: administrators, nodes, the control plane's own users and kube-system's service accounts may
    /// all.</summary>
    public bool MayAll =>
        Groups.Any(g => g is "system:masters" or "kubeadm:cluster-admins" or "system:nodes" or "system:serviceaccounts:kube-system")
        || Name.StartsWith("system:kube-", StringComparison.Ordinal)
        || Name is "kube-apiserver-kubelet-client";
}
