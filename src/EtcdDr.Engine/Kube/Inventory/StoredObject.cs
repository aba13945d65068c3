using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>
/// Secrets and config maps as etcd holds them (k8s.io/api/core/v1/generated.proto and k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto), turned into the
/// JSON that the API serves. Left out is what <see cref="InventoryRules.Reduce"/> takes away in any case: managed fields, uids, times of creation. A field
/// that is not known means that the object cannot be read: what a newer Kubernetes adds would else be missing from its digest.
/// </summary>
internal static class StoredObject
{
    /// <summary>The object; null for anything but a v1 Secret or ConfigMap, for values that are encrypted, and for those that have a field that is not known.</summary>
    public static JsonObject? Read(ReadOnlySpan<byte> value)
    {
        if (value.StartsWith("k8s\0"u8))
        {
            return ReadProtobuf(value[4..]);
        }

        return value.StartsWith("{"u8) ? ReadJson(value) : null;
    }

    private static JsonObject? ReadJson(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            return JsonNode.Parse(ref reader) is JsonObject item && InventoryRules.Text(item["apiVersion"]) == "v1" && InventoryRules.Text(item["kind"]) is "Secret" or "ConfigMap"
                ? item
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // runtime.Unknown: 1 TypeMeta {1 apiVersion, 2 kind}, 2 the object, 3 and 4 its encoding and content type, which etcd's values leave empty.
    private static JsonObject? ReadProtobuf(ReadOnlySpan<byte> envelope)
    {
        ReadOnlySpan<byte> type = default, raw = default;
        var fields = new ProtoReader(envelope);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2): type = fields.Bytes; break;
                case (2, 2): raw = fields.Bytes; break;
                case (3 or 4, 2) when fields.Bytes.IsEmpty: break;
                default: return null;
            }
        }

        return fields.Malformed ? null : Type(type) switch
        {
            ("v1", "Secret") => ReadSecret(raw),
            ("v1", "ConfigMap") => ReadConfigMap(raw),
            _ => null,
        };
    }

    private static (string Version, string Kind) Type(ReadOnlySpan<byte> type)
    {
        string version = string.Empty, kind = string.Empty;
        var fields = new ProtoReader(type);
        while (fields.TryNext())
        {
            version = fields is { Field: 1, WireType: 2 } ? Text(fields.Bytes) : version;
            kind = fields is { Field: 2, WireType: 2 } ? Text(fields.Bytes) : kind;
        }

        return (version, kind);
    }

    private static JsonObject? ReadSecret(ReadOnlySpan<byte> secret)
    {
        var item = new JsonObject();
        var fields = new ProtoReader(secret);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2) when ReadMetadata(fields.Bytes) is { } metadata: item["metadata"] = metadata; break;
                case (2, 2) when AddEntry(item, "data", fields.Bytes, binary: true): break;
                case (3, 2): AddText(item, "type", fields.Bytes); break;
                case (5, 0): item["immutable"] = fields.Number != 0; break;
                default: return null;
            }
        }

        return fields.Malformed ? null : item;
    }

    private static JsonObject? ReadConfigMap(ReadOnlySpan<byte> map)
    {
        var item = new JsonObject();
        var fields = new ProtoReader(map);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2) when ReadMetadata(fields.Bytes) is { } metadata: item["metadata"] = metadata; break;
                case (2, 2) when AddEntry(item, "data", fields.Bytes, binary: false): break;
                case (3, 2) when AddEntry(item, "binaryData", fields.Bytes, binary: true): break;
                case (4, 0): item["immutable"] = fields.Number != 0; break;
                default: return null;
            }
        }

        return fields.Malformed ? null : item;
    }

    private static JsonObject? ReadMetadata(ReadOnlySpan<byte> metadata)
    {
        var item = new JsonObject();
        var fields = new ProtoReader(metadata);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2): AddText(item, "name", fields.Bytes); break;
                case (2, 2): AddText(item, "generateName", fields.Bytes); break;
                case (3, 2): AddText(item, "namespace", fields.Bytes); break;

                // selfLink, uid, resourceVersion, generation, creationTimestamp, managedFields: taken out of every object.
                case (4 or 5 or 6 or 8 or 17, 2) or (7, 0): break;

                // clusterName, gone with Kubernetes 1.25: older apiservers wrote it empty.
                case (15, 2) when fields.Bytes.IsEmpty: break;
                case (9, 2) when ReadTime(fields.Bytes) is { } time: item["deletionTimestamp"] = time; break;
                case (10, 0): item["deletionGracePeriodSeconds"] = (long)fields.Number; break;
                case (11, 2) when AddEntry(item, "labels", fields.Bytes, binary: false): break;
                case (12, 2) when AddEntry(item, "annotations", fields.Bytes, binary: false): break;
                case (13, 2) when ReadOwner(fields.Bytes) is { } owner: List(item, "ownerReferences").Add((JsonNode)owner); break;
                case (14, 2): List(item, "finalizers").Add((JsonNode)Text(fields.Bytes)); break;
                default: return null;
            }
        }

        return fields.Malformed ? null : item;
    }

    // Of an owner only the two flags may be absent in JSON.
    private static JsonObject? ReadOwner(ReadOnlySpan<byte> owner)
    {
        var item = new JsonObject { ["apiVersion"] = string.Empty, ["kind"] = string.Empty, ["name"] = string.Empty };
        var fields = new ProtoReader(owner);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2): item["kind"] = Text(fields.Bytes); break;
                case (3, 2): item["name"] = Text(fields.Bytes); break;
                case (4, 2): break;
                case (5, 2): item["apiVersion"] = Text(fields.Bytes); break;
                case (6, 0): item["controller"] = fields.Number != 0; break;
                case (7, 0): item["blockOwnerDeletion"] = fields.Number != 0; break;
                default: return null;
            }
        }

        return fields.Malformed ? null : item;
    }

    // metav1.Time is a Timestamp {1 seconds, 2 nanos}; its JSON has whole seconds.
    private static string? ReadTime(ReadOnlySpan<byte> time)
    {
        var seconds = 0L;
        var fields = new ProtoReader(time);
        while (fields.TryNext())
        {
            seconds = fields is { Field: 1, WireType: 0 } ? (long)fields.Number : seconds;
        }

        return fields.Malformed || seconds is < -62135596800 or > 253402300799
            ? null
            : DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    // An entry of a map: 1 key, 2 value. Bytes are base64 in JSON.
    private static bool AddEntry(JsonObject item, string name, ReadOnlySpan<byte> entry, bool binary)
    {
        var key = string.Empty;
        ReadOnlySpan<byte> value = default;
        var fields = new ProtoReader(entry);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2): key = Text(fields.Bytes); break;
                case (2, 2): value = fields.Bytes; break;
                default: return false;
            }
        }

        if (fields.Malformed)
        {
            return false;
        }

        if (item[name] is not JsonObject map)
        {
            item[name] = map = [];
        }

        map[key] = binary ? Convert.ToBase64String(value) : Text(value);
        return true;
    }

    private static void AddText(JsonObject item, string name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            item[name] = Text(text);
        }
    }

    private static JsonArray List(JsonObject item, string name)
    {
        if (item[name] is not JsonArray list)
        {
            item[name] = list = [];
        }

        return list;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
