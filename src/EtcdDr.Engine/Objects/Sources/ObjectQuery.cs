using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Owners;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>Which objects are wanted. What is left out is all.</summary>
public sealed record ObjectQuery
{
    /// <summary>Kinds as people call them, with wildcards.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Namespaces, with wildcards. Where some are named, objects of the cluster are left out but for the namespaces
    /// themselves.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Names, with wildcards.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Label selector; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Whether what controllers make by themselves is wanted too.</summary>
    public bool IncludeOwned { get; init; }

    /// <summary>Whether a kind is wanted.</summary>
    internal bool Wants(KubeResource resource) =>
        Kinds.Count == 0 || Kinds.Any(k => KindNames.Fits(k, resource.Group, resource.Kind, resource.Resource));

    /// <summary>Whether an object is wanted, its kind and its labels aside.</summary>
    internal bool Wants(KubeObject item) =>
        WantsNamespace(item)
        && (Names.Count == 0 || Names.Any(n => Wildcard.Matches(n, item.Name)))
        && (IncludeOwned || !ControllerMade.Is(item));

    /// <summary>The whole question, for objects that no server selects.</summary>
    internal bool WantsOfFile(KubeObject item, LabelSelector? labels) =>
        (Kinds.Count == 0 || Kinds.Any(k => KindNames.Fits(k, item.Group, item.Kind, null)))
        && Wants(item)
        && labels?.Fits(item.Labels) != false;

    // A namespace belongs to what is in it: who brings back the one wants the other.
    private bool WantsNamespace(KubeObject item) =>
        Namespaces.Count == 0
        || ((item.Is("Namespace") ? item.Name : item.Namespace) is { } space && Namespaces.Any(n => Wildcard.Matches(n, space)));
}
