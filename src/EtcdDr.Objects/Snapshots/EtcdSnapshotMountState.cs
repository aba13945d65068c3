namespace EtcdDr;

/// <summary>Whom a mounted snapshot serves.</summary>
public enum EtcdSnapshotMountState
{
    /// <summary>This session.</summary>
    Served,

    /// <summary>Another session, here or on another machine.</summary>
    Held,

    /// <summary>Nobody: it was killed, and what is left of it can be removed.</summary>
    Left,
}
