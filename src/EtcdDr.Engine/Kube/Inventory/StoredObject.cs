using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>
/// Secrets and config maps as etcd holds them (k8s.io/api/core/v1/generated.proto and
/// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto), turned into the JSON that the API serves. Left out is what
/// <see cref="InventoryRules.Reduce"/> takes away in any case: managed fields, uids, times of creation. A field that is not known means
/// that the object cannot be read: what a newer Kubernetes adds would else be missing from its digest. The text of one object is held at a
/// time, in a buffer that all share: Helm's releases have a megabyte.
/// </summary>
internal sealed class StoredObject
{
    private readonly ArrayBufferWriter<byte> _text = new();

    private delegate bool TryWrite(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes);

    /// <summary>The object, valid until the next is read; null for anything but a v1 Secret or ConfigMap, for values that are encrypted,
    /// and for those that have a field that is not known.</summary>
    public JsonObject? Read(ReadOnlySpan<byte> value)
    {
        // Overwritten with zeros: it may have been a secret.
        _text.Clear();
        if (value.StartsWith("k8s\0"u8))
        {
            return TryWriteProtobuf(value[4..]) ? Parse() : null;
        }

        if (!value.StartsWith("{"u8))
        {
            return null;
        }

        _text.Write(value);
        return
            Parse() is { } item
            && InventoryRules.Text(item["apiVersion"]) == "v1"
            && InventoryRules.Text(item["kind"]) is "Secret" or "ConfigMap"
            ? item
            : null;
    }

    private JsonObject? Parse()
    {
        try
        {
            // Not disposed: it rents nothing but what tells where its tokens are, and the object needs that.
            return JsonObject.Create(JsonDocument.Parse(_text.WrittenMemory).RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // runtime.Unknown: 1 TypeMeta {1 apiVersion, 2 kind}, 2 the object, 3 and 4 its encoding and content type, which etcd's values leave
    // empty.
    private bool TryWriteProtobuf(ReadOnlySpan<byte> envelope)
    {
        ReadOnlySpan<byte> type = default,
            raw = default;
        var fields = new ProtoReader(envelope);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    type = fields.Bytes;
                    break;
                case (2, 2):
                    raw = fields.Bytes;
                    break;
                case (3 or 4, 2) when fields.Bytes.IsEmpty:
                    break;
                default:
                    return false;
            }
        }

        if (fields.Malformed)
        {
            return false;
        }

        using var writer = new Utf8JsonWriter(_text, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        var known = Type(type) switch
        {
            ("v1", "Secret") => TryWriteSecret(writer, raw),
            ("v1", "ConfigMap") => TryWriteConfigMap(writer, raw),
            _ => false,
        };
        writer.WriteEndObject();
        return known;
    }

    private static (string Version, string Kind) Type(ReadOnlySpan<byte> type)
    {
        string version = string.Empty,
            kind = string.Empty;
        var fields = new ProtoReader(type);
        while (fields.TryNext())
        {
            version = fields is { Field: 1, WireType: 2 } ? Text(fields.Bytes) : version;
            kind = fields is { Field: 2, WireType: 2 } ? Text(fields.Bytes) : kind;
        }

        return (version, kind);
    }

    private static bool TryWriteSecret(Utf8JsonWriter writer, ReadOnlySpan<byte> secret)
    {
        var fields = new ProtoReader(secret);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2) when TryWriteMetadata(writer, fields.Bytes):
                    break;
                case (2, 2):
                    break;
                case (3, 2):
                    WriteText(writer, "type", fields.Bytes);
                    break;
                case (5, 0):
                    writer.WriteBoolean("immutable", fields.Number != 0);
                    break;
                default:
                    return false;
            }
        }

        return !fields.Malformed && TryWriteAll(writer, "data", secret, 2, TryWriteBinaryEntry);
    }

    private static bool TryWriteConfigMap(Utf8JsonWriter writer, ReadOnlySpan<byte> map)
    {
        var fields = new ProtoReader(map);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2) when TryWriteMetadata(writer, fields.Bytes):
                    break;
                case (2 or 3, 2):
                    break;
                case (4, 0):
                    writer.WriteBoolean("immutable", fields.Number != 0);
                    break;
                default:
                    return false;
            }
        }

        return !fields.Malformed
            && TryWriteAll(writer, "data", map, 2, TryWriteTextEntry)
            && TryWriteAll(writer, "binaryData", map, 3, TryWriteBinaryEntry);
    }

    private static bool TryWriteMetadata(Utf8JsonWriter writer, ReadOnlySpan<byte> metadata)
    {
        writer.WriteStartObject("metadata");
        var fields = new ProtoReader(metadata);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    WriteText(writer, "name", fields.Bytes);
                    break;
                case (2, 2):
                    WriteText(writer, "generateName", fields.Bytes);
                    break;
                case (3, 2):
                    WriteText(writer, "namespace", fields.Bytes);
                    break;

                // selfLink, uid, resourceVersion, generation, creationTimestamp, managedFields: taken out of every object.
                case (4 or 5 or 6 or 8 or 17, 2)
                or (7, 0):
                    break;
                case (9, 2) when ReadTime(fields.Bytes) is { } time:
                    writer.WriteString("deletionTimestamp", time);
                    break;
                case (10, 0):
                    writer.WriteNumber("deletionGracePeriodSeconds", (long)fields.Number);
                    break;

                // labels, annotations, owners and finalizers, which are gathered below.
                case (11 or 12 or 13 or 14, 2):
                    break;

                // clusterName, gone with Kubernetes 1.25: older apiservers wrote it empty.
                case (15, 2) when fields.Bytes.IsEmpty:
                    break;
                default:
                    return false;
            }
        }

        var known =
            !fields.Malformed
            && TryWriteAll(writer, "labels", metadata, 11, TryWriteTextEntry)
            && TryWriteAll(writer, "annotations", metadata, 12, TryWriteTextEntry)
            && TryWriteAll(writer, "ownerReferences", metadata, 13, TryWriteOwner, asArray: true)
            && TryWriteAll(writer, "finalizers", metadata, 14, TryWriteItem, asArray: true);
        writer.WriteEndObject();
        return known;
    }

    // Of an owner only the two flags may be absent in JSON.
    private static bool TryWriteOwner(Utf8JsonWriter writer, ReadOnlySpan<byte> owner)
    {
        ReadOnlySpan<byte> version = default,
            kind = default,
            name = default;
        writer.WriteStartObject();
        var fields = new ProtoReader(owner);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    kind = fields.Bytes;
                    break;
                case (3, 2):
                    name = fields.Bytes;
                    break;
                case (4, 2):
                    break;
                case (5, 2):
                    version = fields.Bytes;
                    break;
                case (6, 0):
                    writer.WriteBoolean("controller", fields.Number != 0);
                    break;
                case (7, 0):
                    writer.WriteBoolean("blockOwnerDeletion", fields.Number != 0);
                    break;
                default:
                    return false;
            }
        }

        writer.WriteString("apiVersion", Text(version));
        writer.WriteString("kind", Text(kind));
        writer.WriteString("name", Text(name));
        writer.WriteEndObject();
        return !fields.Malformed;
    }

    private static bool TryWriteItem(Utf8JsonWriter writer, ReadOnlySpan<byte> item)
    {
        writer.WriteStringValue(Text(item));
        return true;
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

    // All fields of a number: the entries of a map as an object, or items as an array. It is left out where it has none.
    private static bool TryWriteAll(
        Utf8JsonWriter writer,
        string name,
        ReadOnlySpan<byte> message,
        int number,
        TryWrite tryWrite,
        bool asArray = false
    )
    {
        var any = false;
        var fields = new ProtoReader(message);
        while (fields.TryNext())
        {
            if (fields.Field != number)
            {
                continue;
            }

            if (!any)
            {
                writer.WritePropertyName(name);
                Start(writer, asArray);
                any = true;
            }

            if (!tryWrite(writer, fields.Bytes))
            {
                return false;
            }
        }

        if (any)
        {
            End(writer, asArray);
        }

        return true;
    }

    private static void Start(Utf8JsonWriter writer, bool asArray)
    {
        if (asArray)
        {
            writer.WriteStartArray();
        }
        else
        {
            writer.WriteStartObject();
        }
    }

    private static void End(Utf8JsonWriter writer, bool asArray)
    {
        if (asArray)
        {
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteEndObject();
        }
    }

    private static bool TryWriteTextEntry(Utf8JsonWriter writer, ReadOnlySpan<byte> entry)
    {
        if (!TryReadEntry(entry, out var key, out var value))
        {
            return false;
        }

        writer.WriteString(Text(key), Text(value));
        return true;
    }

    // Bytes are base64 in JSON.
    private static bool TryWriteBinaryEntry(Utf8JsonWriter writer, ReadOnlySpan<byte> entry)
    {
        if (!TryReadEntry(entry, out var key, out var value))
        {
            return false;
        }

        writer.WriteBase64String(Text(key), value);
        return true;
    }

    // 1 key, 2 value.
    private static bool TryReadEntry(ReadOnlySpan<byte> entry, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        var fields = new ProtoReader(entry);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    key = fields.Bytes;
                    break;
                case (2, 2):
                    value = fields.Bytes;
                    break;
                default:
                    return false;
            }
        }

        return !fields.Malformed;
    }

    private static void WriteText(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            writer.WriteString(name, Text(text));
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
