namespace EtcdDr.Lab;

/// <summary>What a lab is to be like.</summary>
public sealed record LabOptions
{
    /// <summary>Its name, unique on the machine; made up when empty.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Control-plane nodes of each cluster.</summary>
    public int ControlPlanes { get; init; } = 3;

    /// <summary>Workers of each cluster.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Bytes that the primary's database is filled with; 0 leaves it as small as a new one.</summary>
    public long DbSize { get; init; }

    /// <summary>etcd's minor version: 3.4 or 3.5.</summary>
    public string EtcdVersion { get; init; } = "3.5";

    /// <summary>Whether there is a secondary.</summary>
    public bool Secondary { get; init; } = true;

    /// <summary>Whether the nodes' PATH has etcd's tools, as after an administrator put them there; kubeadm does not.</summary>
    public bool ToolsOnPath { get; init; }

    /// <summary>Where each control-plane node has a disk of its own (such as /var/lib/etcd, or /var/lib so that stages share it); null for
    /// none.</summary>
    public string? DiskMountPoint { get; init; }

    /// <summary>Size of that disk, MiB. etcd keeps two write-ahead log files of 64 MB each beside its database, and a stage as much
    /// again.</summary>
    public int DiskMiB { get; init; } = 640;

    /// <summary>Whether the nodes run a kubelet, and with it etcd and the control plane; without, a node is sshd and files only.</summary>
    public bool Kubelet { get; init; } = true;

    /// <summary>Whether <see cref="Lab.UpAsync"/> waits for the APIs and writes what kubeadm writes to them; without, it ends when the
    /// nodes answer SSH.</summary>
    public bool WaitForApi { get; init; } = true;

    /// <summary>Changes what kubeadm is told, per site, before anything is rendered: other CIDRs, issuers, versions.</summary>
    internal Func<Kubeadm.ClusterLayout, Kubeadm.ClusterLayout>? Layout { get; init; }

    /// <summary>Told what is done, line by line.</summary>
    public Action<string> Say { get; init; } = _ => { };
}
