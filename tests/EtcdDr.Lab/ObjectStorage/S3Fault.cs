namespace EtcdDr.Lab.ObjectStorage;

/// <summary>What a request to the small S3 server meets.</summary>
public enum S3Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>503 SlowDown.</summary>
    SlowDown,

    /// <summary>The connection is cut before the body is read.</summary>
    Cut,

    /// <summary>The request is done, and the connection is cut before the answer.</summary>
    CutAnswer,

    /// <summary>The answer's body ends in the middle.</summary>
    HalfAnswer,

    /// <summary>What arrived is not what was sent: BadDigest.</summary>
    WrongSum,

    /// <summary>403 ExpiredToken.</summary>
    Expired,

    /// <summary>403 QuotaExceeded.</summary>
    Full,

    /// <summary>403 AccessDenied.</summary>
    Denied,
}
