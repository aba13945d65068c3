namespace EtcdDr;

/// <summary>
/// A cluster made by kubeadm: where its API and nodes are and how to reach them. It is configuration, not a connection: making one asks
/// nothing of the network. Operations open and close their own connections.
/// </summary>
public sealed record EtcdCluster
{
    /// <summary>The name in the profile, or the one given on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>The profile that it came from; null if it was made from parameters.</summary>
    public string? ProfilePath { get; init; }

    /// <summary>The kubeconfig file.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>The context in the kubeconfig.</summary>
    public required string Context { get; init; }

    /// <summary>The kube-api endpoint that the context names.</summary>
    public required Uri Server { get; init; }

    /// <summary>
    /// Host name or IP, with an optional port, to connect to in place of the host in <see cref="Server"/>, where both sites share that name
    /// and this machine sees both. TLS still checks the certificate against the name in <see cref="Server"/>.
    /// </summary>
    public string? ServerAddress { get; init; }

    /// <summary>How nodes are reached.</summary>
    public SshSettings Ssh { get; init; } = new();

    /// <summary>What the profile says about etcd.</summary>
    public EtcdSettings Etcd { get; init; } = new();

    /// <summary>What a restore recycles.</summary>
    public RecycleSettings Recycle { get; init; } = new();

    /// <summary>
    /// Nodes that the profile names. Where a control-plane node is among them they are the whole list and the API is not asked, so that a
    /// cluster whose API is dead can be worked on; where empty the API is asked.
    /// </summary>
    public IReadOnlyList<ClusterNode> Nodes { get; init; } = [];

    /// <summary>Addresses of nodes by name, for nodes that the API lists.</summary>
    public IReadOnlyDictionary<string, string> NodeAddresses { get; init; } = new Dictionary<string, string>();

    /// <summary>Certificates that snapshots of this cluster are sealed to.</summary>
    public IReadOnlyList<string> EncryptTo { get; init; } = [];

    /// <summary>Whether only the name is known: the cmdlet that was given it looks it up in the profile.</summary>
    internal bool IsNameOnly { get; init; }

    /// <summary>Whether it came back from a job, another machine or a file, without its secrets.</summary>
    internal bool CameBack { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>A cluster of which the name is known, to be looked up in the profile.</summary>
    internal static EtcdCluster Named(string name) =>
        new()
        {
            Name = name,
            Kubeconfig = "",
            Context = "",
            Server = new Uri("https://localhost"),
            IsNameOnly = true,
        };
}
