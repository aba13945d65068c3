namespace EtcdDr;

/// <summary>What became of one node when a name was added to the front end, or taken back.</summary>
public sealed record KubeApiAliasNode
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>Its role.</summary>
    public required NodeRole Role { get; init; }

    /// <summary>
    /// What became of the apiserver's serving certificate: <c>Issued by kubeadm</c>, <c>Issued by the node's CA</c>, <c>Put back</c>,
    /// <c>Unchanged</c>, <c>Changed since</c> (somebody else replaced it, so it was left), or <c>None</c> on workers.
    /// </summary>
    public string Certificate { get; init; } = "None";

    /// <summary>Names and addresses that the certificate covers now.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Until when it is valid, UTC; null on workers.</summary>
    public DateTime? NotAfter { get; init; }

    /// <summary>Whether the apiserver was restarted; false where it loaded the certificate by itself.</summary>
    public bool Restarted { get; init; }

    /// <summary>Other files that were changed.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Directory on the node that keeps what was replaced; null where nothing was.</summary>
    public string? KeptIn { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Node;
}
