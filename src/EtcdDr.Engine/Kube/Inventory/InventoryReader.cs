using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Reads what a cluster holds, through its API, object by object.</summary>
public sealed class InventoryReader
{
    /// <summary>Path of the records inside a snapshot: one JSON object a line.</summary>
    public const string RecordsPath = "inventory/objects.jsonl";

    private const int PageSize = 250;

    // Kinds whose objects are kept as they are, in a file of that name.
    private static readonly HashSet<string> KeptWhole = new(StringComparer.Ordinal)
    {
        "nodes", "pods", "services", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch",

        // What Test-ClusterMirror looks at when the primary is gone.
        "persistentvolumes", "persistentvolumeclaims", "storageclasses.storage.k8s.io", "csidrivers.storage.k8s.io", "priorityclasses.scheduling.k8s.io",
        "runtimeclasses.node.k8s.io", "ingressclasses.networking.k8s.io", "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    };

    private readonly KubeApi _api;
    private readonly List<string> _warnings = [];
    private readonly SortedDictionary<string, int> _kinds = new(StringComparer.Ordinal);

    private InventoryReader(KubeApi api) => _api = api;

    /// <summary>
    /// Writes a cluster's inventory: <c>objects.jsonl</c> with a record for every object that counts, nodes, pods, services and workloads as JSON,
    /// names of config maps, tables that people read, and kubeadm's configuration. Secrets are in it by name and digest only. Kinds that cannot be
    /// read are warnings.
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
    internal static async Task<InventorySummary> CaptureAsync(KubeApi api, IStoredObjects? stored, InventoryWriter write, CancellationToken cancellationToken)
    {
        var reader = new InventoryReader(api);
        await write(RecordsPath, stream => reader.CaptureAsync(stream, stored, write, cancellationToken));
        await reader.WriteKubeadmAsync(write, cancellationToken);
        return new InventorySummary(reader._kinds.Values.Sum(), reader._kinds, reader._warnings);
    }

    /// <summary>Records of a live cluster, to compare with those of a snapshot. Kinds that cannot be read are passed to <paramref name="warn"/>.</summary>
    /// <param name="api">The cluster's API.</param>
    /// <param name="warn">Is told of kinds that cannot be read.</param>
    /// <param name="unread">Is told group and kind of what cannot be read, the kind null for a whole group: nothing is known of such objects.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<InventoryRecord> RecordsAsync(
        KubeApi api, Action<string> warn, Action<string, string?>? unread = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
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
    public static async IAsyncEnumerable<InventoryRecord> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(source, Encoding.UTF8, leaveOpen: true);
        for (var line = 1; await reader.ReadLineAsync(cancellationToken) is { } text; line++)
        {
            yield return Parse(text, line);
        }
    }

    /// <summary>The record of an object, which is changed by it; null if it does not count.</summary>
    internal static InventoryRecord? Record(InventoryResource resource, JsonObject item)
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
                e);
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
        || (pod["status"]?["conditions"] as JsonArray)?.Any(c => InventoryRules.Text(c?["type"]) == "Ready" && InventoryRules.Text(c?["status"]) == "True") == true;

    // Objects of a kind with their records, null for those that do not count. Making a record changes the object, so it is made of a copy where the object is wanted too.
    private static async IAsyncEnumerable<(InventoryRecord? Record, JsonObject Item)> ListAsync(
        KubeApi api, InventoryResource resource, bool keepItems, Action<string> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var items = api.ListAsync(resource.Path, pageSize: PageSize, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(items, resource, warn))
        {
            yield return (Record(resource, keepItems ? (JsonObject)items.Current.DeepClone() : items.Current), items.Current);
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonObject> items, InventoryResource resource, Action<string> warn)
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

    private async Task CaptureAsync(Stream records, IStoredObjects? stored, InventoryWriter write, CancellationToken cancellationToken)
    {
        var (resources, warnings) = await InventoryDiscovery.ReadAsync(_api, cancellationToken);
        _warnings.AddRange(warnings);
        var held = resources.Where(r => stored?.Holds(r) == true).ToList();
        await ListAsync(resources.Except(held), records, write, cancellationToken);
        if (held.Count > 0)
        {
            await ListAsync(await TakeStoredAsync(held, stored!, records, write, cancellationToken), records, write, cancellationToken);
        }
    }

    // Those that could not be read there are left for the API.
    private async Task<IEnumerable<InventoryResource>> TakeStoredAsync(
        IReadOnlyList<InventoryResource> held, IStoredObjects stored, Stream records, InventoryWriter write, CancellationToken cancellationToken)
    {
        var found = held.ToDictionary(r => r, r => new InventoryLines(r));
        var unread = await stored.ReadAsync(held, (resource, item) => found[resource].Add(item), cancellationToken);
        foreach (var lines in held.Except(unread).Select(r => found[r]))
        {
            await records.WriteAsync(lines.Records, cancellationToken);
            if (lines.Count > 0)
            {
                _kinds[lines.Kind] = _kinds.GetValueOrDefault(lines.Kind) + lines.Count;
            }

            await WriteTableAsync(lines.Resource, lines.Table, write, cancellationToken);
        }

        return held.Where(unread.Contains);
    }

    private async Task ListAsync(IEnumerable<InventoryResource> resources, Stream records, InventoryWriter write, CancellationToken cancellationToken)
    {
        foreach (var resource in resources)
        {
            if (KeptWhole.Contains(resource.FullName))
            {
                await write($"inventory/{resource.Resource}.json", stream => ListAsync(resource, records, stream, write, cancellationToken));
            }
            else
            {
                await ListAsync(resource, records, null, write, cancellationToken);
            }
        }
    }

    private async Task ListAsync(InventoryResource resource, Stream records, Stream? whole, InventoryWriter write, CancellationToken cancellationToken)
    {
        var table = InventoryTable.For(resource);
        var separator = "[\n";
        await foreach (var (record, item) in ListAsync(_api, resource, whole is not null || table is not null, _warnings.Add, cancellationToken))
        {
            table?.Add(item);
            if (whole is not null)
            {
                await whole.WriteAsync(Encoding.UTF8.GetBytes(separator + item.ToJsonString()), cancellationToken);
                separator = ",\n";
            }

            if (record is not null)
            {
                _kinds[resource.FullKind] = _kinds.GetValueOrDefault(resource.FullKind) + 1;
                await records.WriteAsync(InventoryLines.Of(record), cancellationToken);
            }
        }

        if (whole is not null)
        {
            await whole.WriteAsync(Encoding.UTF8.GetBytes(separator == "[\n" ? "[]\n" : "\n]\n"), cancellationToken);
        }

        await WriteTableAsync(resource, table, write, cancellationToken);
    }

    private static async Task WriteTableAsync(InventoryResource resource, InventoryTable? table, InventoryWriter write, CancellationToken cancellationToken)
    {
        if (table is not null)
        {
            await write($"inventory/{resource.Resource}.txt", stream => stream.WriteAsync(Encoding.UTF8.GetBytes(table.Render()), cancellationToken).AsTask());
        }
    }

    private async Task WriteKubeadmAsync(InventoryWriter write, CancellationToken cancellationToken)
    {
        if (await ClusterFacts.KubeadmAsync(_api, cancellationToken) is { } configuration)
        {
            await write("inventory/kubeadm-config.yaml", stream => stream.WriteAsync(Encoding.UTF8.GetBytes(configuration), cancellationToken).AsTask());
        }
    }
}
