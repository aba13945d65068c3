namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>How a snapshot is mounted.</summary>
public sealed record MountOptions
{
    /// <summary>The node; null for the first control-plane node that answers.</summary>
    public string? Node { get; init; }

    /// <summary>A directory on the node that holds etcd, etcdutl (or etcdctl) and kube-apiserver; null for the node's own images.</summary>
    public string? ToolPath { get; init; }
}
