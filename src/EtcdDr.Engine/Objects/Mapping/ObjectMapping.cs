namespace EtcdDr.Engine.Objects.Mapping;

/// <summary>What is called otherwise in the cluster that objects go into. Keys are the former names, values the new ones.</summary>
public sealed record ObjectMapping
{
    /// <summary>Nothing is called otherwise.</summary>
    public static readonly ObjectMapping None = new();

    /// <summary>Namespaces.</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = new Dictionary<string, string>();

    /// <summary>Storage classes.</summary>
    public IReadOnlyDictionary<string, string> StorageClasses { get; init; } = new Dictionary<string, string>();

    /// <summary>Beginnings of image names: a registry, or a registry with a path.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>Ingress classes.</summary>
    public IReadOnlyDictionary<string, string> IngressClasses { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether anything is called otherwise.</summary>
    public bool IsEmpty => Namespaces.Count + StorageClasses.Count + Images.Count + IngressClasses.Count == 0;
}
