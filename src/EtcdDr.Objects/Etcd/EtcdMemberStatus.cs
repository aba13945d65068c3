namespace EtcdDr;

/// <summary>What one etcd member says of itself, or why it did not answer.</summary>
public sealed record EtcdMemberStatus
{
    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The node that the member runs on.</summary>
    public required string Node { get; init; }

    /// <summary>Client endpoint, for example <c>https://10.5.176.144:2379</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The member's name in the member list.</summary>
    public string? MemberName { get; init; }

    /// <summary>Member id, 16 hexadecimal digits.</summary>
    public string? MemberId { get; init; }

    /// <summary>Cluster id, 16 hexadecimal digits.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Server version, for example 3.6.5.</summary>
    public string? Version { get; init; }

    /// <summary>Size of the database file, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>Part of the file that holds data, bytes.</summary>
    public long DbSizeInUse { get; init; }

    /// <summary>Whether this member leads.</summary>
    public bool IsLeader { get; init; }

    /// <summary>Whether this member is a learner (has no vote).</summary>
    public bool IsLearner { get; init; }

    /// <summary>Raft term.</summary>
    public long RaftTerm { get; init; }

    /// <summary>Raft index that is committed.</summary>
    public long RaftIndex { get; init; }

    /// <summary>Raft index that is applied.</summary>
    public long RaftAppliedIndex { get; init; }

    /// <summary>Current revision of the keyspace.</summary>
    public long Revision { get; init; }

    /// <summary>Peer URLs of the member.</summary>
    public IReadOnlyList<string> PeerUrls { get; init; } = [];

    /// <summary>Alarms raised on this member: NOSPACE, CORRUPT.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Errors that the member reports, or the reason why it did not answer.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Stable identifier of the reason why the member did not answer, for example <c>HostKeyUnknown</c>; null where it
    /// answered.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Whether the member answered, has a leader and reports neither alarm nor error.</summary>
    public bool Healthy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
