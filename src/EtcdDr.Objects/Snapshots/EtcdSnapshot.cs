namespace EtcdDr;

/// <summary>A snapshot of a cluster: a directory as DESIGN section 5 lays it out, a backup of the MAA scripts, or a bare
/// database.</summary>
public sealed record EtcdSnapshot
{
    /// <summary>The directory's (or file's) name, for example <c>etcd_snapshot_2026-11-22_23-53-31</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path of the directory (or database file) on <see cref="ComputerName"/>, or its address in object storage
    /// (<c>s3://bucket/prefix/name</c>).</summary>
    public required string Path { get; init; }

    /// <summary>The SSH host that holds it, as it was named (<c>[user@]host</c>); null for this machine and for object storage.</summary>
    public string? ComputerName { get; init; }

    /// <summary>How it is laid out.</summary>
    public SnapshotFormat Format { get; init; }

    /// <summary>The operator's words for it.</summary>
    public string? Label { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>How long taking it took, until everything was proven and only its name was left to be given; null where it is not
    /// recorded.</summary>
    public TimeSpan? TakenIn { get; init; }

    /// <summary>Name of the cluster that it was taken from.</summary>
    public string? Cluster { get; init; }

    /// <summary>kube-api endpoint of that cluster.</summary>
    public string? Server { get; init; }

    /// <summary>Kubernetes version of its apiserver, for example v1.36.1.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>etcd version of the member that the database came from.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>etcd cluster id, 16 hexadecimal digits.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Revision of the keyspace; null where it is not recorded.</summary>
    public long? Revision { get; init; }

    /// <summary>HashKV at <see cref="Revision"/>, as etcd computes it; null where it is not recorded.</summary>
    public long? HashKv { get; init; }

    /// <summary>Live keys; null where it is not recorded.</summary>
    public long? KeyCount { get; init; }

    /// <summary>Size of the database file, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>Size of all files, bytes.</summary>
    public long Size { get; init; }

    /// <summary>Nodes at that time.</summary>
    public IReadOnlyList<SnapshotNode> Nodes { get; init; } = [];

    /// <summary>Whether secrets are encrypted at rest inside etcd.</summary>
    public bool? EncryptionAtRest { get; init; }

    /// <summary>Whether the snapshot itself is sealed to certificates.</summary>
    public bool Sealed { get; init; }

    /// <summary>Whether <see cref="Created"/>, <see cref="Label"/> and <see cref="Cluster"/> are proven by the seal.</summary>
    public SnapshotSealState SealState { get; init; }

    /// <summary>Files that the manifest lists; empty where there is none.</summary>
    public IReadOnlyList<SnapshotFile> Files { get; init; } = [];

    /// <summary>How <see cref="ComputerName"/> is reached; null for this machine. Holds secrets in memory, so it is not public.</summary>
    internal SshSettings? Ssh { get; init; }

    /// <summary>How the object storage that holds it is reached; null for directories. Holds secrets in memory, so it is not
    /// public.</summary>
    internal PlaceSettings? Place { get; init; }

    /// <summary>What opens it if it is sealed; null to look for a key in the certificate store. Holds secrets in memory, so it is not
    /// public.</summary>
    internal SnapshotDecryption? Decryption { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ComputerName is null ? Path : $"{ComputerName}:{Path}";
}
