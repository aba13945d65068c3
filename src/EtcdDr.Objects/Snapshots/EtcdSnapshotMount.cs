namespace EtcdDr;

/// <summary>A snapshot that is served as a kube API, for reading.</summary>
public sealed record EtcdSnapshotMount
{
    /// <summary>Its name on the node.</summary>
    public required string Id { get; init; }

    /// <summary>The snapshot's name.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Where the snapshot lies.</summary>
    public string? SnapshotPath { get; init; }

    /// <summary>The cluster on whose node it is mounted.</summary>
    public required string Cluster { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Whether it serves this session, another one, or nobody.</summary>
    public EtcdSnapshotMountState State { get; init; }

    /// <summary>Kubeconfig by which this machine reads it, for kubectl too; null where it serves another session.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Address of the API; null where it serves another session.</summary>
    public Uri? Server { get; init; }

    /// <summary>Version of the kube-apiserver that serves it.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>Version of the etcd that serves it.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>Last revision of the snapshot; what has a higher one was written by the throwaway apiserver at its start.</summary>
    public long Revision { get; init; }

    /// <summary>When it was mounted, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>Who mounted it, and on which machine.</summary>
    public string? By { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Snapshot} on {Node} of {Cluster}";
}
