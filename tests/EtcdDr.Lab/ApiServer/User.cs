namespace EtcdDr.Lab.ApiServer;

/// <summary>Who asks.</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>What needs no binding here: the group that the real one never asks about either, nodes, the control plane's own users and
    /// kube-system's service accounts, whose roles the lab does not spell out.</summary>
    public bool MayAll => Groups.Any(g => g is "system:masters" or "system:serviceaccounts:kube-system") || IsOfControlPlane;

    /// <summary>Nodes and the parts of the control plane.</summary>
    public bool IsOfControlPlane =>
        Groups.Contains("system:nodes")
        || Name.StartsWith("system:kube-", StringComparison.Ordinal)
        || Name is "kube-apiserver-kubelet-client";
}
