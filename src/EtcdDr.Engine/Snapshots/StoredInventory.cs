using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Secrets and config maps out of the database that the snapshot has just got. They are most of what a database holds; asked of the API, they would pass through
/// an apiserver's memory and over the network once more, next to the stream.
/// </summary>
/// <param name="etcdPrefix">The apiserver's <c>--etcd-prefix</c>.</param>
/// <param name="open">Gives the database, as soon as it is whole and checked; it stays its owner's.</param>
internal sealed class StoredInventory(string etcdPrefix, Func<CancellationToken, Task<EtcdDatabase>> open) : IStoredObjects
{
    private static readonly string[] Resources = ["secrets", "configmaps"];

    /// <summary>
    /// Those of a cluster. None where its apiserver encrypts at rest, since what is encrypted can be read through it alone, and where it keeps them in another
    /// etcd (<c>--etcd-servers-overrides</c>, <c>group/resource#servers</c>).
    /// </summary>
    /// <param name="apiServer">The apiserver's configuration; null where it is not known.</param>
    /// <param name="open">Gives the database, as soon as it is whole and checked; it stays its owner's.</param>
    public static StoredInventory? Of(ApiServerConfiguration? apiServer, Func<CancellationToken, Task<EtcdDatabase>> open) =>
        apiServer is { EncryptionProviderConfig: null } && !apiServer.Flags.List("etcd-servers-overrides").Any(o => Resources.Any(r => o.StartsWith($"/{r}#", StringComparison.Ordinal)))
            ? new StoredInventory(apiServer.EtcdPrefix, open)
            : null;

    /// <inheritdoc/>
    public bool Holds(InventoryResource resource) => resource is { Group: "", Version: "v1" } && Resources.Contains(resource.Resource);

    /// <inheritdoc/>
    public async Task<IReadOnlySet<InventoryResource>> ReadAsync(
        IReadOnlyList<InventoryResource> resources, Action<InventoryResource, JsonObject> take, CancellationToken cancellationToken)
    {
        var database = await open(cancellationToken);
        var kinds = resources.Select(r => (Resource: r, Prefix: Encoding.UTF8.GetBytes($"/{etcdPrefix.Trim('/')}/{r.Resource}/"))).ToList();
        var unread = new HashSet<InventoryResource>();
        var reader = new StoredObject();
        await Task.Run(
            () => database.ForEachLiveKey(
                (in MvccRecord record) =>
                {
                    foreach (var (resource, prefix) in kinds)
                    {
                        if (record.Key.StartsWith(prefix) && !unread.Contains(resource) && !TryTake(resource, reader.Read(record.Value), take))
                        {
                            unread.Add(resource);
                        }
                    }

                    return unread.Count < kinds.Count;
                },
                cancellationToken),
            cancellationToken);
        return unread;
    }

    private static bool TryTake(InventoryResource resource, JsonObject? item, Action<InventoryResource, JsonObject> take)
    {
        if (item is null)
        {
            return false;
        }

        try
        {
            take(resource, item);
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException)
        {
            // JSON with a key twice or text that is no UTF-8: no apiserver wrote that, and what one makes of it, it says itself.
            return false;
        }
    }
}
