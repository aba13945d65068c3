namespace EtcdDr;

/// <summary>What a restore found on a control-plane node and will use there.</summary>
public sealed record RestorePlanNode
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The address that SSH connects to.</summary>
    public required string Address { get; init; }

    /// <summary>The etcd member's name.</summary>
    public required string MemberName { get; init; }

    /// <summary>Peer URLs that the restored member gets.</summary>
    public required IReadOnlyList<string> PeerUrls { get; init; }

    /// <summary>etcd's data directory on the node.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Separate directory of the write-ahead log, or null.</summary>
    public string? WalDirectory { get; init; }

    /// <summary>Where the new data is built and the previous data is kept: on the file system of the data directory.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>The restore tool: a path on the node, or which program of etcd's image.</summary>
    public required string Tool { get; init; }

    /// <summary>Version of the tool.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Version of the node's etcd.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>Whether the tool can raise revisions above those that clients have seen.</summary>
    public bool BumpsRevision { get; init; }

    /// <summary>Why the tool runs as root; null where it runs as a user of its own in a root of its own.</summary>
    public string? WhyToolRunsAsRoot { get; init; }

    /// <summary>Bytes that are shipped to the node.</summary>
    public long BytesToMove { get; init; }

    /// <summary>Free bytes on the data directory's file system.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes needed there, at most, while the restore runs.</summary>
    public long NeededBytes { get; init; }

    /// <summary>Whether a verified stage of this snapshot already lies there.</summary>
    public bool Staged { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
