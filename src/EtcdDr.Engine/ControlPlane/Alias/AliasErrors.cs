namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>The errors that adding a name to the front end can end with.</summary>
internal static class AliasErrors
{
    public static EtcdDrException KubeadmConfigurationInvalid(string place, string cause, Exception? inner = null) =>
        new(
            "KubeadmConfigurationInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.KubeadmConfigurationInvalid.With(place, cause.TrimEnd('.')),
            Errors.KubeadmConfigurationInvalid_Action,
            place,
            inner
        );

    public static EtcdDrException NoKubeadmConfiguration(string cluster) =>
        new(
            "KubeadmConfigurationNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.KubeadmConfigurationNotFound.With(cluster),
            Errors.KubeadmConfigurationNotFound_Action,
            cluster
        );

    public static EtcdDrException NoServingCertificate(string node, string path) =>
        new(
            "ServingCertificateNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ServingCertificateNotFound.With(node, path),
            Errors.ServingCertificateNotFound_Action,
            node
        );

    public static EtcdDrException ForeignAuthority(string node, string directory) =>
        new(
            "CertificateAuthorityUnknown",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.CertificateAuthorityUnknown.With(node, directory),
            Errors.CertificateAuthorityUnknown_Action,
            node
        );

    public static EtcdDrException NoAuthorityKey(string node, string directory) =>
        new(
            "CertificateAuthorityKeyNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.CertificateAuthorityKeyNotFound.With(node, directory),
            Errors.CertificateAuthorityKeyNotFound_Action,
            node
        );

    public static EtcdDrException NotIssued(string node, string cause, Exception? inner = null) =>
        new(
            "CertificateNotIssued",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.CertificateNotIssued.With(node, cause.TrimEnd('.')),
            Errors.CertificateNotIssued_Action,
            node,
            inner
        );

    public static EtcdDrException NotServed(string node, TimeSpan limit, Exception? inner) =>
        new(
            "CertificateNotServed",
            EtcdDrErrorCategory.OperationTimeout,
            inner is null
                ? Errors.CertificateNotServed.With(node, limit.TotalSeconds)
                : Errors.CertificateNotServed_Because.With(node, limit.TotalSeconds, inner.Message.TrimEnd('.')),
            Errors.CertificateNotServed_Action,
            node,
            inner
        );

    public static EtcdDrException ChangedMeanwhile(string node, string file) =>
        new(
            "FileChangedMeanwhile",
            EtcdDrErrorCategory.ResourceBusy,
            Errors.FileChangedMeanwhile.With(file, node),
            Errors.FileChangedMeanwhile_Action,
            node
        );

    public static EtcdDrException NotResolved(string alias, IReadOnlyList<string> where) =>
        new(
            "AliasNotResolved",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.AliasNotResolved.With(alias, string.Join(", ", where)),
            Errors.AliasNotResolved_Action,
            alias
        );

    public static EtcdDrException NothingKept(string alias, string cluster) =>
        new(
            "AliasNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.AliasNotFound.With(cluster, alias),
            Errors.AliasNotFound_Action,
            alias
        );

    public static EtcdDrException KubeletSilent(IReadOnlyList<string> nodes, TimeSpan limit) =>
        new(
            "KubeletNotReporting",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.KubeletNotReporting.With(string.Join(", ", nodes), limit.TotalSeconds),
            Errors.KubeletNotReporting_Action,
            nodes[0]
        );
}
