namespace EtcdDr;

/// <summary>What kind of failure an <see cref="EtcdDrException"/> is; each maps to one PowerShell error category of the same
/// name.</summary>
public enum EtcdDrErrorCategory
{
    /// <summary>A failure with no narrower kind.</summary>
    NotSpecified,

    /// <summary>A parameter, profile key or file content that cannot be used.</summary>
    InvalidArgument,

    /// <summary>Bytes that are not what they claim to be: damaged, altered, truncated or of another format.</summary>
    InvalidData,

    /// <summary>A file, node, context or cluster that is not there.</summary>
    ObjectNotFound,

    /// <summary>A host or API that does not answer, or a connection that broke.</summary>
    ConnectionError,

    /// <summary>A key, password or certificate that was refused or cannot be opened.</summary>
    AuthenticationError,

    /// <summary>A host key or certificate that is not trusted.</summary>
    SecurityError,

    /// <summary>Something the account may not read, write or run.</summary>
    PermissionDenied,

    /// <summary>Something that did not become true within its time limit.</summary>
    OperationTimeout,

    /// <summary>The operation was stopped by its user.</summary>
    OperationStopped,

    /// <summary>The state of the cluster or snapshot does not allow the operation.</summary>
    InvalidOperation,

    /// <summary>A lock held by another operation.</summary>
    ResourceBusy,

    /// <summary>Space, memory or another resource that ran out or is not there.</summary>
    ResourceUnavailable,

    /// <summary>Reading failed.</summary>
    ReadError,

    /// <summary>Writing failed.</summary>
    WriteError,

    /// <summary>A configuration that this module does not serve, such as external etcd.</summary>
    NotImplemented,
}
