namespace EtcdDr.Engine.Objects;

/// <summary>What an object is called in a cluster, whatever version it is written in.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Namespace">Namespace; null for objects of the cluster.</param>
/// <param name="Name">Name.</param>
public readonly record struct ObjectKey(string Group, string Kind, string? Namespace, string Name)
{
    /// <summary>Kind and group: <c>Deployment.apps</c>.</summary>
    public string FullKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{FullKind} {Name}" : $"{FullKind} {Namespace}/{Name}";
}
