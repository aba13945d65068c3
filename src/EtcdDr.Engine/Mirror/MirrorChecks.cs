using EtcdDr.Engine.Mirror.Checks;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Mirror;

/// <summary>All checks of two sites, in the order in which they are shown.</summary>
public static class MirrorChecks
{
    private static readonly IMirrorCheck[] All =
    [
        new KubeApiCheck(),
        new ApiServersCheck(),
        new FailureCheck("SshAccess", "Access", FailureCheck.IsOther, "Every node of the secondary answers over SSH."),
        new FailureCheck(
            "HostKeys",
            "Access",
            f => FailureCheck.Begins(f, FailureCheck.HostKey),
            "The host keys of all nodes that answer are known."
        ),
        new FailureCheck(
            "Sudo",
            "Access",
            f => FailureCheck.Begins(f, FailureCheck.Sudo),
            "The SSH user has sudo rights on every node that answers."
        ),
        new NodeReachCheck(),
        new NodeNamesCheck("NodeNames", NodeRole.ControlPlane, "control-plane nodes"),
        new NodeNamesCheck("WorkerNames", NodeRole.Worker, "workers"),
        new NodeLabelsCheck(),
        new NodeFactCheck(
            "ControlPlane",
            "Nodes",
            n => n.ControlPlaneIsStopped,
            node =>
                MirrorFinding.Warning(
                    $"The control plane of node '{node}' was stopped by Stop-EtcdControlPlane, and its manifests are held aside; a "
                        + "restore takes them over and starts it.",
                    "Run Start-EtcdControlPlane for that cluster first if it is to serve until then."
                ),
            "No control plane is stopped on purpose."
        ),
        new StaticPodsCheck(),
        new CertificatesCheck(),
        new NodeFactCheck(
            "Kubelet",
            "Nodes",
            n => !n.KubeletActive,
            node =>
                MirrorFinding.Warning(
                    $"The kubelet of node '{node}' is not active; a restore will start it.",
                    "Look at it with 'systemctl status kubelet' on that node."
                ),
            "The kubelet is active on every control-plane node."
        ),
        new ContainerRuntimeCheck(),
        new NodeFactCheck(
            "FileLocks",
            "Nodes",
            n => !n.HasFlock,
            node =>
                MirrorFinding.Warning(
                    $"Node '{node}' has no flock; the lock against other operations and the check for an open database do not hold there.",
                    "Install util-linux on that node."
                ),
            "Every control-plane node has flock."
        ),
        new EndpointNameCheck(),
        new EndpointResolutionCheck(),
        new EndpointCertificateCheck(),
        new NodeResolutionCheck(),
        new NameServiceOrderCheck(),
        new ClockCheck(),
        new KubernetesVersionCheck(),
        new KubeadmVersionCheck(),
        new KubeletVersionCheck(),
        new NodeSoftwareCheck(),
        new FailureCheck("StackedEtcd", "Etcd", f => f.ErrorId == FailureCheck.ExternalEtcd, "No external etcd is in use."),
        new EtcdVersionCheck(),
        new EtcdHealthCheck(),
        new EtcdPortsCheck(),
        new DataDirectoryCheck(),
        new EtcdFlagsCheck(),
        new EtcdOverridesCheck(),
        new RestoreToolCheck(),
        new FreeSpaceCheck(),
        new SettingCheck("PodCidr", "pod CIDR", "Create the secondary with the primary's --pod-network-cidr.") { OfSite = s => s.PodCidr },
        new SettingCheck("ServiceCidr", "service CIDR", "Create the secondary with the primary's --service-cidr.")
        {
            OfSite = s => s.ServiceCidr,
            OfApiServer = a => a.ServiceClusterIpRange,
        },
        new SettingCheck("ServiceAccountIssuer", "service-account issuer", "Set the same --service-account-issuer on both sites.")
        {
            OfSite = s => s.ServiceAccountIssuer,
            OfApiServer = a => a.ServiceAccountIssuers is [var issuer, ..] ? issuer : null,
        },
        new EncryptionAtRestCheck(),
        new SettingCheck(
            "Admission",
            "set of admission and authorization settings",
            "Set the same flags of kube-apiserver on both sites.",
            MirrorStatus.Warning
        )
        {
            OfApiServer = Admission.Describe,
        },
        new CapacityCheck(),
        new StorageClassesCheck(),
        new ObjectsCheck("CsiDrivers", "csidrivers.storage.k8s.io", "CSI drivers"),
        new StorageReachCheck(),
        new ObjectsCheck("PriorityClasses", "priorityclasses.scheduling.k8s.io", "priority classes"),
        new ObjectsCheck("RuntimeClasses", "runtimeclasses.node.k8s.io", "runtime classes"),
        new ObjectsCheck("IngressClasses", "ingressclasses.networking.k8s.io", "ingress classes"),
        new NodeSelectorsCheck(),
        new ImagesCheck(),
        new LoadBalancersCheck(),
        new WebhooksCheck(),
        new PrimaryActivityCheck(),
        new SharedVolumesCheck(),
    ];

    /// <summary>Names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];

    /// <summary>Judges two sites.</summary>
    /// <param name="primary">What is known of the primary, or of a snapshot of it.</param>
    /// <param name="secondary">What is known of the secondary.</param>
    /// <param name="include">Names of checks to make, with wildcards; all where it is empty.</param>
    /// <param name="exclude">Names of checks to leave out, with wildcards.</param>
    internal static IEnumerable<MirrorCheck> Judge(
        SiteFacts primary,
        SiteFacts secondary,
        IReadOnlyList<string> include,
        IReadOnlyList<string> exclude
    ) =>
        from check in All
        where
            (include.Count == 0 || include.Any(p => Wildcard.Matches(p, check.Name))) && !exclude.Any(p => Wildcard.Matches(p, check.Name))
        from finding in check.Judge(primary, secondary)
        select new MirrorCheck
        {
            Name = check.Name,
            Category = check.Category,
            Node = finding.Node,
            Status = finding.Status,
            PrimaryValue = finding.Primary,
            SecondaryValue = finding.Secondary,
            Message = finding.Message,
            Remedy = finding.Remedy,
        };
}
