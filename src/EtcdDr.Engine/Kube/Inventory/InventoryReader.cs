using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Reads what a cluster holds, through its API, object by object.</summary>
public static class InventoryReader
{
    /// <summary>Path of the records inside a snapshot: one JSON object a line.</summary>
    public const string RecordsPath = "inventory/objects.jsonl";

    private const int PageSize = 250;

    /// <summary>
    /// Writes a cluster's inventory: <c>objects.jsonl</c> with a record for every object that counts, nodes, pods, services and workloads
    /// as JSON, names of config maps, tables that people read, and kubeadm's configuration. Secrets are in it by name and digest only.
    /// Kinds that cannot be read are warnings.
    /// </summary>
    /// <param name="api">The cluster's API.</param>
    /// <param name="write">Makes files.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException">The API cannot be asked at all, or goes away meanwhile.</exception>
    public static Task<InventorySummary> CaptureAsync(KubeApi api, InventoryWriter write, CancellationToken cancellationToken) =>
        CaptureAsync(api, null, write, cancellationToken);

    /// <summary>The same, with some kinds read from elsewhere; those are asked of the API only where they cannot be read there.</summary>
    /// <param name="api">The cluster's API.</param>
    /// <param name="stored">Objects that are at hand; null for none.</param>
    /// <param name="write">Makes files.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    internal static Task<InventorySummary> CaptureAsync(
        KubeApi api,
        IStoredObjects? stored,
        InventoryWriter write,
        CancellationToken cancellationToken
    ) => new InventoryCapture(api, stored, write).RunAsync(cancellationToken);

    /// <summary>Records of a live cluster, to compare with those of a snapshot. Kinds that cannot be read are passed to
    /// <paramref name="warn"/>.</summary>
    /// <param name="api">The cluster's API.</param>
    /// <param name="warn">Is told of kinds that cannot be read.</param>
    /// <param name="unread">Is told group and kind of what cannot be read, the kind null for a whole group: nothing is known of such
    /// objects.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<InventoryRecord> RecordsAsync(
        KubeApi api,
        Action<string> warn,
        Action<string, string?>? unread = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var (resources, warnings) = await InventoryDiscovery.ReadAsync(api, cancellationToken, group => unread?.Invoke(group, null));
        foreach (var warning in warnings)
        {
            warn(warning);
        }

        foreach (var resource in resources)
        {
            void Unreadable(string warning)
            {
                warn(warning);
                unread?.Invoke(resource.Group, resource.Kind);
            }

            await foreach (var (record, _) in ListAsync(api, resource, keepItems: false, Unreadable, cancellationToken))
            {
                if (record is not null)
                {
                    yield return record;
                }
            }
        }
    }

    /// <summary>Reads the records of a snapshot.</summary>
    /// <param name="source">The content of <see cref="RecordsPath"/>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>InventoryInvalid</c>: a line is not a record.</exception>
    public static async IAsyncEnumerable<InventoryRecord> ReadAsync(
        Stream source,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var reader = new StreamReader(source, Encoding.UTF8, leaveOpen: true);
        for (var line = 1; await reader.ReadLineAsync(cancellationToken) is { } text; line++)
        {
            yield return Parse(text, line);
        }
    }

    /// <summary>The record of an object, which is changed by it; null if it does not count.</summary>
    internal static InventoryRecord? Record(KubeResource resource, JsonObject item)
    {
        if (InventoryRules.Skips(resource, item))
        {
            return null;
        }

        var isPod = resource.FullName == "pods";
        var record = new InventoryRecord
        {
            Group = resource.Group,
            Version = resource.Version,
            Kind = resource.Kind,
            Namespace = InventoryRules.Text(item["metadata"]?["namespace"]),
            Name = InventoryRules.Text(item["metadata"]?["name"]) ?? "",
            Owner = isPod ? Owner(item) : null,
            Ready = isPod ? IsReady(item) : null,
        };
        if (InventoryRules.IsPresenceOnly(resource, item))
        {
            return record;
        }

        InventoryRules.Reduce(resource, item);
        return record with { Sha256 = ObjectDigest.Compute(item) };
    }

    private static InventoryRecord Parse(string text, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<InventoryRecord>(text) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new EtcdDrException(
                "InventoryInvalid",
                EtcdDrErrorCategory.InvalidData,
                Errors.InventoryInvalid_Record.With(line, RecordsPath),
                Errors.InventoryInvalid_Action,
                RecordsPath,
                e
            );
        }
    }

    private static string? Owner(JsonObject pod)
    {
        if (InventoryRules.Controller(pod) is not { } controller)
        {
            return null;
        }

        var kind = InventoryRules.Text(controller["kind"]);
        var name = InventoryRules.Text(controller["name"]) ?? "";
        // A ReplicaSet of a Deployment is named after it with the hash of the template, which the pods bear as a label.
        var hash = InventoryRules.Text(pod["metadata"]?["labels"]?["pod-template-hash"]);
        return kind == "ReplicaSet" && hash is not null && name.EndsWith($"-{hash}", StringComparison.Ordinal)
            ? $"Deployment/{name[..^(hash.Length + 1)]}"
            : $"{kind}/{name}";
    }

    private static bool IsReady(JsonObject pod) =>
        InventoryRules.Text(pod["status"]?["phase"]) == "Succeeded"
        || (pod["status"]?["conditions"] as JsonArray)?.Any(c =>
            InventoryRules.Text(c?["type"]) == "Ready" && InventoryRules.Text(c?["status"]) == "True"
        ) == true;

    // Objects of a kind with their records, null for those that do not count. Making a record changes the object, so it is made of a copy
    // where the object is wanted too.
    internal static async IAsyncEnumerable<(InventoryRecord? Record, JsonObject Item)> ListAsync(
        KubeApi api,
        KubeResource resource,
        bool keepItems,
        Action<string> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var items = api.ListAsync(resource.Path, pageSize: PageSize, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(items, resource, warn))
        {
            yield return (Record(resource, keepItems ? (JsonObject)items.Current.DeepClone() : items.Current), items.Current);
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonObject> items, KubeResource resource, Action<string> warn)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound" or "KubeApiError")
        {
            warn($"{resource.FullName} could not be listed: {e.Message}");
            return false;
        }
    }
}
