using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Objects that the API need not be asked for, since etcd's database is at hand and holds them in a form that is known.</summary>
internal interface IStoredObjects
{
    /// <summary>Whether objects of a kind can be read there.</summary>
    bool Holds(KubeResource resource);

    /// <summary>Hands on all objects of some kinds as the API would serve them, but for what the inventory leaves out anyway.</summary>
    /// <param name="resources">The kinds.</param>
    /// <param name="make">What is wanted of an object, which it may change; called by several threads at once.</param>
    /// <param name="take">Is given what was made of each, in an order that is the same each time.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The kinds of which an object could not be read; what was handed on of these is not all there is.</returns>
    Task<IReadOnlySet<KubeResource>> ReadAsync(
        IReadOnlyList<KubeResource> resources,
        Func<KubeResource, JsonObject, InventoryLine> make,
        Action<KubeResource, InventoryLine> take,
        CancellationToken cancellationToken
    );
}
