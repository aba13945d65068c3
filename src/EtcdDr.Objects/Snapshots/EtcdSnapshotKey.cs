namespace EtcdDr;

/// <summary>A key in a snapshot's database, in its latest version.</summary>
public sealed record EtcdSnapshotKey
{
    /// <summary>The snapshot: its path, with the host in front where it is not on this machine.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>Kind of the object, from its value; where that cannot be read (encrypted), the resource in the key. Null if it is no
    /// Kubernetes object.</summary>
    public string? Kind { get; init; }

    /// <summary>API version of the stored object, for example <c>apps/v1</c>.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Namespace; null for objects of the whole cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name; null if it is no Kubernetes object.</summary>
    public string? Name { get; init; }

    /// <summary>Revision at which the key was created.</summary>
    public long CreateRevision { get; init; }

    /// <summary>Revision of this version.</summary>
    public long ModRevision { get; init; }

    /// <summary>Number of this version since the key was created.</summary>
    public long Version { get; init; }

    /// <summary>Size of the value, bytes.</summary>
    public int Size { get; init; }

    /// <summary>The lease that the key ends with, 16 hexadecimal digits; null for none.</summary>
    public string? Lease { get; init; }

    /// <summary>How the value is written.</summary>
    public EtcdValueEncoding Encoding { get; init; }

    /// <summary>The provider and key name of an encrypted value, for example <c>aescbc:v1:key1</c>; null otherwise.</summary>
    public string? EncryptedBy { get; init; }

    /// <summary>The object's metadata; null unless values are asked for and it can be read.</summary>
    public EtcdObjectMetadata? Metadata { get; init; }

    /// <summary>The value; null unless it is asked for. A Secret's only where secret values are asked for.</summary>
    public byte[]? Value { get; init; }

    /// <summary>Whether the value is withheld because it is a Secret's.</summary>
    public bool Withheld { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Key;
}
