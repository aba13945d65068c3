namespace EtcdDr;

/// <summary>What a profile says about etcd on a cluster's nodes. Null means: read it from the static-pod manifest.</summary>
public sealed record EtcdSettings
{
    /// <summary>Client port (usually 2379), where the manifest is not to be asked.</summary>
    public int? ClientPort { get; init; }

    /// <summary>Peer port (usually 2380), where the manifest is not to be asked.</summary>
    public int? PeerPort { get; init; }

    /// <summary>Path on the nodes of etcdutl or etcdctl, or of a directory that holds them.</summary>
    public string? ToolPath { get; init; }

    /// <summary>Path on this machine of an etcdutl or etcdctl to upload where a node has none.</summary>
    public string? UploadTool { get; init; }

    /// <summary>
    /// A TCP port at which the control-plane nodes may reach each other while a restore stages: behind a slow line the database goes to one
    /// of them, which passes it on over TLS with etcd's peer certificates. Null: each gets it from this machine.
    /// </summary>
    public int? FanOutPort { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
