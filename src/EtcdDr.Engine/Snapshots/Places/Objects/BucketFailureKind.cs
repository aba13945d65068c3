namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>What a failure of a bucket means.</summary>
internal enum BucketFailureKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>It may work a moment later: too many requests, a server that restarts, a cut connection.</summary>
    Transient,

    /// <summary>What arrived is not what was sent; it may be sent again.</summary>
    Damaged,

    /// <summary>There is no such object, upload or bucket.</summary>
    NotFound,

    /// <summary>There is one, and there must not be; or it is of another version.</summary>
    Exists,

    /// <summary>This account may not do that.</summary>
    Denied,

    /// <summary>No credentials were found, or they are unknown or have expired.</summary>
    Credentials,

    /// <summary>The clocks of this machine and of the bucket differ too much.</summary>
    Clock,

    /// <summary>No more room.</summary>
    Full,
}
