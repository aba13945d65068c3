using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Snapshots.Keys;

namespace EtcdDr.Engine.Mirror.Comparison;

/// <summary>
/// An inventory out of etcd's database: which objects there were, by the same rules as the API's, without digests. Values are protobuf in
/// the storage version; what they say about anything but their metadata would need every kind's schema.
/// </summary>
internal static class DatabaseInventory
{
    private const int Ahead = 1024;

    // Resources that keys name otherwise than the API (kubernetes pkg/kubeapiserver/default_storage_factory_builder.go).
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["minions"] = "nodes",
        ["ingress"] = "ingresses",
        ["controllers"] = "replicationcontrollers",
    };

    // Kept by apiservers for themselves; no API serves them.
    private static readonly HashSet<string> Internal = new(StringComparer.Ordinal) { "masterleases", "ranges", "peerserverleases" };

    // What clusters encrypt at rest: then the value tells nothing, and the key no kind.
    private static readonly Dictionary<string, string> EncryptedKinds = new(StringComparer.Ordinal)
    {
        ["secrets"] = "Secret",
        ["configmaps"] = "ConfigMap",
    };

    /// <summary>Reads the records, as they come from the file.</summary>
    /// <param name="database">The database.</param>
    /// <param name="warn">Is told what cannot be judged.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<InventoryRecord> ReadAsync(
        EtcdDatabase database,
        Action<string> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var records = Channel.CreateBounded<InventoryRecord>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => Read(database, records.Writer, warn, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var record in records.Reader.ReadAllAsync(cancellationToken))
            {
                yield return record;
            }
        }
        finally
        {
            // Its failure, if it failed, came out of the channel.
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The record of a key; null for what counts for nothing, or cannot be told (then with a sentence why).</summary>
    internal static (InventoryRecord? Record, string? Unknown) Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var place = KubernetesKey.Parse(Encoding.UTF8.GetString(key));
        if (place is not { Resource: { } resource, Name: { } keyName } || Internal.Contains(resource))
        {
            return default;
        }

        var content = KubernetesValue.Read(value, details: true);
        var kind = content.Kind ?? EncryptedKinds.GetValueOrDefault(resource);
        if (kind is null)
        {
            return content.EncryptedBy is null
                ? default
                : (
                    null,
                    $"Objects of '{resource}' are encrypted at rest in the snapshot, so it is not known which kind they are; live ones "
                        + "show as added."
                );
        }

        var version = content.ApiVersion ?? "v1";
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var served = new KubeResource(
            slash < 0 ? "" : version[..slash],
            version[(slash + 1)..],
            Renamed.GetValueOrDefault(resource, resource),
            kind
        );
        var name = content.Name ?? keyName;
        var item = Item(name, content.Name is null ? place.Namespace : content.Namespace, content.Metadata, kind);
        return (
            InventoryRules.Skips(served) ? null
            : InventoryReader.Record(served, item) is { } record ? record with { Sha256 = null }
            : null,
            null
        );
    }

    private static void Read(
        EtcdDatabase database,
        ChannelWriter<InventoryRecord> records,
        Action<string> warn,
        CancellationToken cancellationToken
    )
    {
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            database.ForEachLiveKey(
                (in MvccRecord found) =>
                {
                    var (record, why) = Of(found.Key, found.Value);
                    if (why is not null && unknown.Add(why))
                    {
                        warn(why);
                    }

                    if (record is not null && !records.TryWrite(record))
                    {
                        records.WriteAsync(record, cancellationToken).AsTask().GetAwaiter().GetResult();
                    }

                    return true;
                },
                cancellationToken
            );
            records.Complete();
        }
        catch (Exception failure)
        {
            records.Complete(failure);
        }
    }

    // As much of the object as the rules look at.
    private static JsonObject Item(string name, string? space, EtcdObjectMetadata? metadata, string kind)
    {
        var meta = new JsonObject { ["name"] = name };
        if (space is not null)
        {
            meta["namespace"] = space;
        }

        if (metadata is { Labels.Count: > 0 })
        {
            meta["labels"] = new JsonObject(metadata.Labels.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Key, l.Value)));
        }

        if (metadata is { Owners: [var owner, ..] } && owner.Split('/', 2) is [var ownerKind, var ownerName])
        {
            // An object has one controller, and it is its only owner but for rare cases.
            meta["ownerReferences"] = new JsonArray(
                new JsonObject
                {
                    ["kind"] = ownerKind,
                    ["name"] = ownerName,
                    ["controller"] = true,
                }
            );
        }

        var item = new JsonObject { ["metadata"] = meta };
        if (kind == "Secret" && space == "kube-system" && name.StartsWith("bootstrap-token-", StringComparison.Ordinal))
        {
            item["type"] = "bootstrap.kubernetes.io/token";
        }

        return item;
    }
}
