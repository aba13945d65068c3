namespace EtcdDr;

/// <summary>What adding a host name to a kube API's front end, or undoing that, did.</summary>
public sealed record KubeApiAlias
{
    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The name.</summary>
    public required string Alias { get; init; }

    /// <summary>The front end that kubeconfigs and config maps name after it.</summary>
    public required Uri Server { get; init; }

    /// <summary>Added or Undone.</summary>
    public required string Action { get; init; }

    /// <summary>Whether anything had to be changed.</summary>
    public bool Changed { get; init; }

    /// <summary>Whether kubeconfigs and config maps were looked after too (<c>-SwitchKubeconfig</c>).</summary>
    public bool Switched { get; init; }

    /// <summary>Config maps that were changed, as <c>namespace/name</c>.</summary>
    public IReadOnlyList<string> ConfigMaps { get; init; } = [];

    /// <summary>The kubeconfig of this machine, if it was changed.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Every node, the control plane first.</summary>
    public IReadOnlyList<KubeApiAliasNode> Nodes { get; init; } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Alias;
}
