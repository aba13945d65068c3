using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>The facts of a primary that its snapshot holds. Kinds that the inventory holds by digest only are known by name.</summary>
internal static class SnapshotFacts
{
    private static readonly string[] Whole = ["nodes", "pods", "services"];

    private static readonly Dictionary<(string Group, string Kind), string> ByName = new()
    {
        [("storage.k8s.io", "StorageClass")] = "storageclasses.storage.k8s.io",
        [("storage.k8s.io", "CSIDriver")] = "csidrivers.storage.k8s.io",
        [("scheduling.k8s.io", "PriorityClass")] = "priorityclasses.scheduling.k8s.io",
        [("node.k8s.io", "RuntimeClass")] = "runtimeclasses.node.k8s.io",
        [("networking.k8s.io", "IngressClass")] = "ingressclasses.networking.k8s.io",
    };

    /// <summary>Reads them.</summary>
    /// <exception cref="EtcdDrException">The snapshot cannot be read.</exception>
    public static async Task<SiteFacts> ReadAsync(EtcdSnapshot snapshot, IRemoteHostFactory hosts, OperationContext context, CancellationToken cancellationToken)
    {
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        await reader.UnlockAsync(cancellationToken);
        var found = reader.Snapshot;
        return new SiteFacts
        {
            Name = found.Name,
            Nodes = [.. found.Nodes.Select(n => new SiteNode(n.Name, n.Role, n.Address))],
            Server = Uri.TryCreate(found.Server, UriKind.Absolute, out var server) ? server : null,
            KubernetesVersion = found.KubernetesVersion,
            EtcdVersion = found.EtcdVersion,
            DbSize = found.DbSize,
            PodCidr = reader.Settings?.PodCidr,
            ServiceCidr = reader.Settings?.ServiceCidr,
            ServiceAccountIssuer = reader.Settings?.ServiceAccountIssuer,
            EncryptionAtRest = found.EncryptionAtRest,
            Objects = await ObjectsAsync(reader, cancellationToken),
        };
    }

    private static async Task<Dictionary<string, IReadOnlyList<JsonObject>>> ObjectsAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        var objects = new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal);
        foreach (var resource in Whole.Where(r => Has(reader, $"inventory/{r}.json")))
        {
            objects[resource] = await WholeAsync(reader, $"inventory/{resource}.json", cancellationToken);
        }

        if (!Has(reader, InventoryReader.RecordsPath))
        {
            return objects;
        }

        var names = ByName.Values.ToDictionary(r => r, _ => new List<JsonObject>(), StringComparer.Ordinal);
        await using var stream = await reader.OpenFileAsync(InventoryReader.RecordsPath, cancellationToken);
        await foreach (var record in InventoryReader.ReadAsync(stream, cancellationToken))
        {
            if (ByName.TryGetValue((record.Group, record.Kind), out var resource))
            {
                names[resource].Add(new JsonObject { ["metadata"] = new JsonObject { ["name"] = record.Name } });
            }
        }

        foreach (var (resource, list) in names)
        {
            objects[resource] = list;
        }

        return objects;
    }

    private static bool Has(SnapshotReader reader, string path) => reader.ContentPaths.Contains(path, StringComparer.Ordinal);

    private static async Task<List<JsonObject>> WholeAsync(SnapshotReader reader, string path, CancellationToken cancellationToken)
    {
        await using var stream = await reader.OpenFileAsync(path, cancellationToken);
        try
        {
            var items = new List<JsonObject>();
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable<JsonObject>(stream, cancellationToken: cancellationToken))
            {
                if (item is not null)
                {
                    items.Add(item);
                }
            }

            return items;
        }
        catch (JsonException e)
        {
            throw new EtcdDrException(
                "InventoryInvalid", EtcdDrErrorCategory.InvalidData, $"'{path}' of snapshot '{reader.Snapshot}' is no list of objects.", "Check the snapshot with Test-EtcdSnapshot.", path, e);
        }
    }
}
