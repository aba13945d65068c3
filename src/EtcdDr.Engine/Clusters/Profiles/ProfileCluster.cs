namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A cluster as a profile describes it, defaults put in.</summary>
public sealed record ProfileCluster
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Line of the name.</summary>
    public required int Line { get; init; }

    /// <summary>The kubeconfig.</summary>
    public required ProfileFile Kubeconfig { get; init; }

    /// <summary>The context; null for the kubeconfig's current one.</summary>
    public string? Context { get; init; }

    /// <summary>Line of the context.</summary>
    public int? ContextLine { get; init; }

    /// <summary>Address to dial in place of the kubeconfig's server.</summary>
    public string? ServerAddress { get; init; }

    /// <summary>How nodes are reached.</summary>
    public ProfileSsh Ssh { get; init; } = new();

    /// <summary>What it says about etcd.</summary>
    public EtcdSettings Etcd { get; init; } = new();

    /// <summary>What a restore recycles.</summary>
    public RecycleSettings Recycle { get; init; } = new();

    /// <summary>Nodes whose role is given.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; init; } = [];

    /// <summary>Addresses of nodes by name.</summary>
    public IReadOnlyDictionary<string, string> NodeAddresses { get; init; } = new Dictionary<string, string>();

    /// <summary>Certificates that snapshots are sealed to.</summary>
    public IReadOnlyList<string> EncryptTo { get; init; } = [];

    /// <summary>Files that must exist.</summary>
    public IReadOnlyList<ProfileFile> Files { get; init; } = [];
}
