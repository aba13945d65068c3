namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>The errors that adding a name to the front end can end with.</summary>
internal static class AliasErrors
{
    public const string Rerun = "Run the same command again when that is put right: it goes on where it ended. Every node has a certificate that works.";

    public static EtcdDrException KubeadmConfigurationInvalid(string place, string cause, Exception? inner = null) => new(
        "KubeadmConfigurationInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"kubeadm's configuration in {place} cannot be used: {cause.TrimEnd('.')}.",
        "Correct it by hand; nothing was changed there.",
        place,
        inner);

    public static EtcdDrException NoKubeadmConfiguration(string cluster) => new(
        "KubeadmConfigurationNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Cluster '{cluster}' has no config map kube-system/kubeadm-config with a ClusterConfiguration.",
        "Only clusters made by kubeadm can be given an alias by this cmdlet; elsewhere use the tool that made the cluster.",
        cluster);

    public static EtcdDrException NoServingCertificate(string node, string path) => new(
        "ServingCertificateNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Node '{node}' has no serving certificate of kube-apiserver that can be read at {path}.",
        "Look at --tls-cert-file in the node's manifest of kube-apiserver.",
        node);

    public static EtcdDrException ForeignAuthority(string node, string directory) => new(
        "CertificateAuthorityUnknown",
        EtcdDrErrorCategory.InvalidOperation,
        $"The serving certificate of kube-apiserver on node '{node}' is not signed by {directory}/ca.crt, or that is not there.",
        "Have your own authority issue certificates with the alias, and add the name to certSANs of kubeadm's configuration yourself.",
        node);

    public static EtcdDrException NoAuthorityKey(string node, string directory) => new(
        "CertificateAuthorityKeyNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"Node '{node}' has no {directory}/ca.key, so no certificate can be issued there.",
        "The cluster's CA is kept elsewhere (kubeadm's external CA mode): have it issue the certificates, or put the key there for as long as this takes.",
        node);

    public static EtcdDrException NotIssued(string node, string cause, Exception? inner = null) => new(
        "CertificateNotIssued",
        EtcdDrErrorCategory.InvalidOperation,
        $"No certificate could be issued on node '{node}': {cause.TrimEnd('.')}.",
        Rerun,
        node,
        inner);

    public static EtcdDrException NotServed(string node, TimeSpan limit, Exception? inner) => new(
        "CertificateNotServed",
        EtcdDrErrorCategory.OperationTimeout,
        $"The apiserver of node '{node}' did not serve with its new certificate within {limit.TotalSeconds:F0} seconds{(inner is null ? "" : $" ({inner.Message.TrimEnd('.')})")}; the previous certificate was put back.",
        $"Look at its log: sudo crictl logs $(sudo crictl ps -a -q --name kube-apiserver | head -n 1). {Rerun}",
        node,
        inner);

    public static EtcdDrException ChangedMeanwhile(string node, string file) => new(
        "FileChangedMeanwhile",
        EtcdDrErrorCategory.ResourceBusy,
        $"{file} on node '{node}' was changed by somebody else meanwhile; it was left as it is.",
        Rerun,
        node);

    public static EtcdDrException NotResolved(string alias, IReadOnlyList<string> where) => new(
        "AliasNotResolved",
        EtcdDrErrorCategory.InvalidOperation,
        $"The name '{alias}' is not known on {string.Join(", ", where)}, and nothing may be switched to it before it is.",
        "Add it to DNS or to /etc/hosts there, with the front end's address, and run the command again.",
        alias);

    public static EtcdDrException NothingKept(string alias, string cluster) => new(
        "AliasNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"No node of cluster '{cluster}' keeps anything that adding the alias '{alias}' has replaced.",
        "Check the name: it is the one that was given with -Alias when it was added.",
        alias);

    public static EtcdDrException KubeletSilent(IReadOnlyList<string> nodes, TimeSpan limit) => new(
        "KubeletNotReporting",
        EtcdDrErrorCategory.OperationTimeout,
        $"After their restart the kubelets of {string.Join(", ", nodes)} did not report to the API within {limit.TotalSeconds:F0} seconds.",
        "Look at 'journalctl -u kubelet' there; does the node reach the front end by its new name? Add-KubeApiAlias -Undo puts the previous configuration back.",
        nodes[0]);
}
