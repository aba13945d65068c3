namespace EtcdDr;

/// <summary>What fills a snapshot's database.</summary>
public sealed record EtcdSnapshotMeasure
{
    /// <summary>The snapshot: its path, with the host in front where it is not on this machine.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Revision of the keyspace.</summary>
    public long Revision { get; init; }

    /// <summary>Keys that exist.</summary>
    public long Keys { get; init; }

    /// <summary>Bytes of the latest versions: keys and values.</summary>
    public long Bytes { get; init; }

    /// <summary>Versions of keys that the database holds, older ones and deletions included.</summary>
    public long Versions { get; init; }

    /// <summary>Size of the database, bytes.</summary>
    public long DbSize { get; init; }

    /// <summary>Part of it that holds data, bytes. A defragmentation gives the rest back.</summary>
    public long BytesInUse { get; init; }

    /// <summary>By kind, largest first.</summary>
    public IReadOnlyList<EtcdSnapshotShare> Kinds { get; init; } = [];

    /// <summary>By namespace, largest first.</summary>
    public IReadOnlyList<EtcdSnapshotShare> Namespaces { get; init; } = [];

    /// <summary>The largest objects, largest first.</summary>
    public IReadOnlyList<EtcdSnapshotKey> Largest { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
