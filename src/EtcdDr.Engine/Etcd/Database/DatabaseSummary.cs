namespace EtcdDr.Engine.Etcd.Database;

/// <summary>What a whole reading of a database file found. Having one means that every page and record of it was checked.</summary>
public sealed record DatabaseSummary
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Length of the file, bytes, with etcd's SHA-256 at its end if there is one.</summary>
    public long FileSize { get; init; }

    /// <summary>Size of the database, bytes: what <c>snapshot status</c> prints as total size.</summary>
    public long DbSize { get; init; }

    /// <summary>Part of it that holds data, bytes.</summary>
    public long BytesInUse { get; init; }

    /// <summary>Bytes in a page.</summary>
    public int PageSize { get; init; }

    /// <summary>Meta pages that are valid: 2, or 1 where a write was cut short.</summary>
    public int ValidMetaPages { get; init; }

    /// <summary>Whether etcd's SHA-256 stands at the end (it does in what <c>snapshot save</c> writes). It is checked apart.</summary>
    public bool HasTrailer { get; init; }

    /// <summary>The hash that <c>etcdctl snapshot status</c> and <c>etcdutl snapshot status</c> print: CRC-32C of all buckets.</summary>
    public uint SnapshotHash { get; init; }

    /// <summary>Revision of the keyspace as a server that opens the file has it.</summary>
    public long Revision { get; init; }

    /// <summary>Revision of the last record, which <c>snapshot status</c> prints; 0 if there is none.</summary>
    public long LastRecordRevision { get; init; }

    /// <summary>Revision that was compacted, or is to be as soon as a server opens the file; -1 if none was.</summary>
    public long CompactRevision { get; init; }

    /// <summary>Keys that exist at <see cref="Revision"/>.</summary>
    public long LiveKeys { get; init; }

    /// <summary>Records in the bucket <c>key</c>: versions of keys, and deletions.</summary>
    public long Records { get; init; }

    /// <summary>Records of deletions.</summary>
    public long Tombstones { get; init; }

    /// <summary>Versions of keys whose value the apiserver encrypted (<c>k8s:enc:</c>).</summary>
    public long EncryptedRecords { get; init; }

    /// <summary>Entries of all buckets: what <c>snapshot status</c> up to 3.5 prints as total keys.</summary>
    public long Entries { get; init; }

    /// <summary>Keys as <c>snapshot status</c> from 3.6 counts them: live ones, and the nameless record of a raised revision.</summary>
    public long StatusKeys { get; init; }

    /// <summary>Revision that <see cref="HashKv"/> and <see cref="HashKvKeys"/> are about; null if they were not asked for.</summary>
    public long? HashKvRevision { get; init; }

    /// <summary>The hash that the server's HashKV gives at <see cref="HashKvRevision"/>; null if it was not asked for.</summary>
    public uint? HashKv { get; init; }

    /// <summary>Keys that existed at <see cref="HashKvRevision"/>; null if it was not asked for.</summary>
    public long? HashKvKeys { get; init; }

    /// <summary>Members of the cluster that it came from; empty where the file does not record them.</summary>
    public IReadOnlyList<DatabaseMember> Members { get; init; } = [];

    /// <summary>Ids of members that were removed from that cluster.</summary>
    public IReadOnlyList<string> RemovedMembers { get; init; } = [];

    /// <summary>Cluster version, for example 3.5.0; null where the file does not record it (before 3.5).</summary>
    public string? ClusterVersion { get; init; }

    /// <summary>Storage version, for example 3.6.0; null where the file does not record it (before 3.6).</summary>
    public string? StorageVersion { get; init; }

    /// <summary>Raft index up to which entries were applied; 0 where it is not recorded.</summary>
    public long ConsistentIndex { get; init; }

    /// <summary>Raft term of that entry; 0 where it is not recorded (before 3.5).</summary>
    public long Term { get; init; }

    /// <summary>Whether etcd's own users and roles are in force.</summary>
    public bool AuthEnabled { get; init; }

    /// <summary>Users in etcd.</summary>
    public int AuthUsers { get; init; }

    /// <summary>Roles in etcd.</summary>
    public int AuthRoles { get; init; }

    /// <summary>Alarms that were raised: <c>NOSPACE</c> or <c>CORRUPT</c>, with the member's id.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Leases.</summary>
    public int Leases { get; init; }
}
