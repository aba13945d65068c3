namespace EtcdDr.Engine.Kube;

/// <summary>A kind of object that an API serves.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version that is read and written.</param>
/// <param name="Resource">Plural name, as in paths.</param>
/// <param name="Kind">Kind.</param>
public sealed record KubeResource(string Group, string Version, string Resource, string Kind)
{
    /// <summary>Whether its objects belong to namespaces.</summary>
    public bool IsNamespaced { get; init; }

    /// <summary>What can be done with it: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>patch</c>, <c>delete</c> and the
    /// like.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Path of the list over all namespaces.</summary>
    public string Path => $"{Root}/{Resource}";

    /// <summary>Kind and group: <c>Deployment.apps</c>.</summary>
    public string FullKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>Resource and group, as <c>kubectl</c> writes it: <c>deployments.apps</c>.</summary>
    public string FullName => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <summary>Group and version as objects carry them: <c>apps/v1</c>, <c>v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    private string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>Path of the list of one namespace.</summary>
    /// <param name="space">The namespace; null for all, and for what belongs to none.</param>
    public string PathIn(string? space) => space is null ? Path : $"{Root}/namespaces/{Uri.EscapeDataString(space)}/{Resource}";

    /// <summary>Path of an object.</summary>
    /// <param name="space">Its namespace; null for what belongs to none.</param>
    /// <param name="name">Its name.</param>
    public string PathOf(string? space, string name) => $"{PathIn(space)}/{Uri.EscapeDataString(name)}";
}
