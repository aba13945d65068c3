namespace EtcdDr.Engine.Etcd;

/// <summary>A member's answer to Maintenance.Status. It answers without a quorum.</summary>
public sealed record EtcdServerStatus
{
    /// <summary>Server version, for example 3.6.5.</summary>
    public required string Version { get; init; }

    /// <summary>Cluster id.</summary>
    public ulong ClusterId { get; init; }

    /// <summary>The member's id.</summary>
    public ulong MemberId { get; init; }

    /// <summary>Id of the leader as this member sees it; 0 for none.</summary>
    public ulong LeaderId { get; init; }

    /// <summary>Whether this member has no vote.</summary>
    public bool IsLearner { get; init; }

    /// <summary>Size of the database file, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>Part of the file that holds data, bytes.</summary>
    public long DbSizeInUse { get; init; }

    /// <summary>Current revision of the keyspace on this member.</summary>
    public long Revision { get; init; }

    /// <summary>Raft term.</summary>
    public ulong RaftTerm { get; init; }

    /// <summary>Raft index that is committed.</summary>
    public ulong RaftIndex { get; init; }

    /// <summary>Raft index that is applied.</summary>
    public ulong RaftAppliedIndex { get; init; }

    /// <summary>Alarms of all members that this member knows of; they come with its errors, so that no quorum is needed to see
    /// them.</summary>
    public IReadOnlyList<EtcdAlarm> Alarms { get; init; } = [];

    /// <summary>Errors that it reports, without the alarms.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Whether this member leads.</summary>
    public bool IsLeader => LeaderId != 0 && LeaderId == MemberId;
}
