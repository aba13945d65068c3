namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>A kind of object that an API serves as a list.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version that is read: the group's preferred one where it serves the kind.</param>
/// <param name="Resource">Plural name, as in paths.</param>
/// <param name="Kind">Kind.</param>
public sealed record InventoryResource(string Group, string Version, string Resource, string Kind)
{
    /// <summary>Path of the list over all namespaces.</summary>
    public string Path => Group.Length == 0 ? $"/api/{Version}/{Resource}" : $"/apis/{Group}/{Version}/{Resource}";

    /// <summary>Kind and group: <c>Deployment.apps</c>.</summary>
    public string FullKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>Resource and group, as <c>kubectl</c> writes it: <c>deployments.apps</c>.</summary>
    public string FullName => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}
