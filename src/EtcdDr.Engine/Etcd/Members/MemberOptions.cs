namespace EtcdDr.Engine.Etcd.Members;

/// <summary>What the operator chose for taking a member in or out.</summary>
public sealed record MemberOptions
{
    /// <summary>A node whose member belongs to the etcd that is meant, where the nodes run several; null where there is one.</summary>
    public string? Peer { get; init; }

    /// <summary>End whoever holds the cluster's lock.</summary>
    public bool BreakLock { get; init; }

    /// <summary>Kill containers that would not stop.</summary>
    public bool Force { get; init; }

    /// <summary>Limit for each wait: containers gone, etcd ready for a change, member healthy, apiserver ready.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Limit for a new member to have the leader's log.</summary>
    public TimeSpan SyncTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
