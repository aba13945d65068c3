using System.Globalization;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>What <c>kubeadm init</c> was told about a cluster: all that its files are rendered from.</summary>
public sealed record ClusterLayout
{
    /// <summary>primary or secondary: the lab's name for the site; kubeadm itself calls every cluster "kubernetes".</summary>
    public required string Site { get; init; }

    /// <summary>The first three bytes of the site's subnet, such as 10.201.4.</summary>
    public required string Subnet { get; init; }

    /// <summary>Names and addresses of the control plane, in the order in which they joined.</summary>
    public required IReadOnlyList<(string Name, string Address)> ControlPlanes { get; init; }

    /// <summary>Names and addresses of workers.</summary>
    public required IReadOnlyList<(string Name, string Address)> Workers { get; init; }

    /// <summary>Host name of the kube API's front end, the same on both sites.</summary>
    public string EndpointHost { get; init; } = "k8lbr.lab.example";

    /// <summary>Port of the front end.</summary>
    public int EndpointPort { get; init; } = 6443;

    /// <summary>Kubernetes version, with the v.</summary>
    public string KubernetesVersion { get; init; } = "v1.36.0";

    /// <summary>Full version of etcd, such as 3.5.16.</summary>
    public required string EtcdVersion { get; init; }

    /// <summary>Addresses of pods.</summary>
    public string PodCidr { get; init; } = "10.244.0.0/16";

    /// <summary>Addresses of services.</summary>
    public string ServiceCidr { get; init; } = "10.96.0.0/12";

    /// <summary>Service-account issuer.</summary>
    public string Issuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>Content of the file that --encryption-provider-config names; null for no encryption at rest.</summary>
    public string? EncryptionConfiguration { get; init; }

    /// <summary>etcd's data directory on the nodes.</summary>
    public string DataDirectory { get; init; } = "/var/lib/etcd";

    /// <summary>Size that etcd lets its database grow to, bytes; null for its own limit of 2 GiB.</summary>
    public long? EtcdQuota { get; init; }

    /// <summary>Address of the front end.</summary>
    public string EndpointAddress => $"{Subnet}.10";

    /// <summary>Address of the machine that the lab runs on, seen from the nodes.</summary>
    public string BastionAddress => $"{Subnet}.1";

    /// <summary>URL of the front end.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"https://{EndpointHost}:{EndpointPort}");

    /// <summary>Image reference in etcd's manifest.</summary>
    public string EtcdImage => $"registry.k8s.io/etcd:{EtcdVersion}-0";

    /// <summary>All nodes.</summary>
    public IEnumerable<(string Name, string Address)> Nodes => ControlPlanes.Concat(Workers);
}
