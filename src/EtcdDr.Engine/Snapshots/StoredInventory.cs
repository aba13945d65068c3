using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Secrets and config maps out of the database that the snapshot has just got. They are most of what a database holds; asked of the API,
/// they would pass through an apiserver's memory and over the network once more, next to the stream.
/// </summary>
/// <param name="etcdPrefix">The apiserver's <c>--etcd-prefix</c>.</param>
/// <param name="open">Gives the database, as soon as it is whole and checked; it stays its owner's.</param>
internal sealed class StoredInventory(string etcdPrefix, Func<CancellationToken, Task<EtcdDatabase>> open) : IStoredObjects
{
    private static readonly string[] Resources = ["secrets", "configmaps"];

    /// <summary>
    /// Those of a cluster. None where its apiserver encrypts at rest, since what is encrypted can be read through it alone, and where it
    /// keeps them in another etcd (<c>--etcd-servers-overrides</c>, <c>group/resource#servers</c>).
    /// </summary>
    /// <param name="apiServer">The apiserver's configuration; null where it is not known.</param>
    /// <param name="open">Gives the database, as soon as it is whole and checked; it stays its owner's.</param>
    public static StoredInventory? Of(ApiServerConfiguration? apiServer, Func<CancellationToken, Task<EtcdDatabase>> open) =>
        apiServer is { EncryptionProviderConfig: null }
        && !apiServer.Flags.List("etcd-servers-overrides").Any(o => Resources.Any(r => o.StartsWith($"/{r}#", StringComparison.Ordinal)))
            ? new StoredInventory(apiServer.EtcdPrefix, open)
            : null;

    /// <inheritdoc/>
    public bool Holds(KubeResource resource) => resource is { Group: "", Version: "v1" } && Resources.Contains(resource.Resource);

    /// <inheritdoc/>
    public async Task<IReadOnlySet<KubeResource>> ReadAsync(
        IReadOnlyList<KubeResource> resources,
        Func<KubeResource, JsonObject, InventoryLine> make,
        Action<KubeResource, InventoryLine> take,
        CancellationToken cancellationToken
    )
    {
        var database = await open(cancellationToken);
        var kinds = resources.Select(r => (r, Encoding.UTF8.GetBytes($"/{etcdPrefix.Trim('/')}/{r.Resource}/"))).ToList();
        var readers = new ConcurrentBag<StoredObject>();
        var unread = new HashSet<KubeResource>();
        await Task.Run(
            () =>
                database.ForEachLivePart(
                    () => new StoredInventoryPart(kinds, make, readers.TryTake(out var free) ? free : new StoredObject()),
                    part =>
                    {
                        readers.Add(part.Reader);
                        unread.UnionWith(part.Unread);
                        foreach (var (resource, line) in part.Lines.Where(l => !unread.Contains(l.Resource)))
                        {
                            take(resource, line);
                        }

                        return unread.Count < kinds.Count;
                    },
                    cancellationToken
                ),
            cancellationToken
        );
        return unread;
    }
}
