namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>The errors that reading a node's static-pod manifests can end with.</summary>
internal static class ManifestErrors
{
    public static EtcdDrException Invalid(string node, string path, string cause, Exception? inner = null) => new(
        "ManifestInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"The static-pod manifest {path} on node {node} cannot be read: {cause}.",
        $"Look at {path} on {node}; it must be a Pod as kubeadm writes it.",
        node,
        inner);

    public static EtcdDrException Unsupported(string node, string path, string what, string action) => new(
        "ManifestUnsupported",
        EtcdDrErrorCategory.NotImplemented,
        $"The static-pod manifest {path} on node {node} {what}.",
        action,
        node);

    public static EtcdDrException ExternalEtcd(string node, IEnumerable<string> servers) => new(
        "ExternalEtcd",
        EtcdDrErrorCategory.NotImplemented,
        $"The apiserver of node {node} uses etcd at {string.Join(", ", servers)}, and the node has no etcd static pod: this cluster has external etcd.",
        "Use the backup tools of that etcd cluster; EtcdDr works on clusters whose etcd runs on the control-plane nodes (stacked).",
        node);

    public static EtcdDrException NoEtcdManifest(string node, string directory) => new(
        "EtcdManifestNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Node {node} has no static-pod manifest of etcd in {directory}.",
        "Check that the node is a control-plane node made by kubeadm and that its manifests are in place (Start-ControlPlane puts held ones back).",
        node);

    public static EtcdDrException NoApiServerManifest(string node, string directory) => new(
        "ApiServerManifestNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Node {node} has no static-pod manifest of kube-apiserver in {directory}.",
        "Check that the node is a control-plane node made by kubeadm and that its manifests are in place (Start-ControlPlane puts held ones back).",
        node);

    public static EtcdDrException NoDirectory(string node, string directory) => new(
        "ManifestDirectoryNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Node {node} has no directory {directory} for static-pod manifests.",
        "Check staticPodPath in /var/lib/kubelet/config.yaml on the node, and that the node was made by kubeadm.",
        node);
}
