using System.Text.Json;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>
/// What a value says about itself. Protobuf: <c>k8s\0</c>, then runtime.Unknown (1 TypeMeta {1 apiVersion, 2 kind}, 2 raw object), the
/// object's field 1 is its ObjectMeta; JSON as custom resources are stored. Values that are neither tell nothing; nothing here throws on
/// any bytes.
/// </summary>
internal sealed record KubernetesValue
{
    private const int MaximumText = 4096;
    private const int MaximumEntries = 1000;

    internal EtcdValueEncoding Encoding { get; private init; }

    internal string? EncryptedBy { get; private init; }

    internal string? ApiVersion { get; private set; }

    internal string? Kind { get; private set; }

    internal string? Name { get; private set; }

    internal string? Namespace { get; private set; }

    /// <summary>Details; null unless they were asked for.</summary>
    internal EtcdObjectMetadata? Metadata { get; private set; }

    /// <summary>The newest time that the object tells of itself, UTC: when it was made, or when a field manager changed it; null unless
    /// details were asked for, and where it tells none.</summary>
    internal DateTime? LastChange { get; private set; }

    /// <summary>Looks at a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="details">Whether labels and the like are wanted too.</param>
    internal static KubernetesValue Read(ReadOnlySpan<byte> value, bool details)
    {
        if (value.IsEmpty)
        {
            return new KubernetesValue { Encoding = EtcdValueEncoding.None };
        }

        if (value.StartsWith("k8s:enc:"u8))
        {
            return new KubernetesValue { Encoding = EtcdValueEncoding.Encrypted, EncryptedBy = Provider(value) };
        }

        if (value.StartsWith("k8s\0"u8))
        {
            var protobuf = new KubernetesValue { Encoding = EtcdValueEncoding.KubernetesProtobuf };
            return protobuf.ReadProtobuf(value[4..], details) ? protobuf : new KubernetesValue { Encoding = EtcdValueEncoding.Other };
        }

        var json = new KubernetesValue { Encoding = EtcdValueEncoding.KubernetesJson };
        return value[0] == '{' && json.ReadJson(value, details) && json.Kind is not null
            ? json
            : new KubernetesValue { Encoding = EtcdValueEncoding.Other };
    }

    // k8s:enc:aescbc:v1:key1:<bytes>
    private static string Provider(ReadOnlySpan<byte> value)
    {
        var rest = value["k8s:enc:".Length..];
        rest = rest[..Math.Min(rest.Length, 256)];
        var end = 0;
        for (var part = 0; part < 3; part++)
        {
            var colon = rest[end..].IndexOf((byte)':');
            if (colon < 0)
            {
                break;
            }

            end += colon + 1;
        }

        return Text(rest[..Math.Max(end - 1, 0)]);
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        System.Text.Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaximumText)]);

    private static string FullText(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private bool ReadProtobuf(ReadOnlySpan<byte> envelope, bool details)
    {
        ReadOnlySpan<byte> raw = default;
        var fields = new ProtoReader(envelope);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    ReadTypeMeta(fields.Bytes);
                    break;
                case (2, 2):
                    raw = fields.Bytes;
                    break;
                default:
                    break;
            }
        }

        var content = new ProtoReader(raw);
        while (content.TryNext())
        {
            if (content is { Field: 1, WireType: 2 })
            {
                ReadObjectMeta(content.Bytes, details);
                break;
            }
        }

        return !fields.Malformed && Kind is not null;
    }

    private void ReadTypeMeta(ReadOnlySpan<byte> type)
    {
        var fields = new ProtoReader(type);
        while (fields.TryNext())
        {
            ApiVersion = fields is { Field: 1, WireType: 2 } ? Text(fields.Bytes) : ApiVersion;
            Kind = fields is { Field: 2, WireType: 2 } ? NullIfEmpty(Text(fields.Bytes)) : Kind;
        }
    }

    // Numbers as in k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, ObjectMeta.
    private void ReadObjectMeta(ReadOnlySpan<byte> meta, bool details)
    {
        string? uid = null;
        DateTime? created = null;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        var finalizers = new List<string>();
        var owners = new List<string>();
        var fields = new ProtoReader(meta);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    Name = NullIfEmpty(Text(fields.Bytes));
                    break;
                case (3, 2):
                    Namespace = NullIfEmpty(Text(fields.Bytes));
                    break;
                case (5, 2):
                    uid = Text(fields.Bytes);
                    break;
                case (8, 2):
                    created = Time(fields.Bytes);
                    break;
                case (11, 2) when details && labels.Count < MaximumEntries:
                    AddEntry(labels, fields.Bytes);
                    break;
                case (12, 2) when details && annotations.Count < MaximumEntries:
                    AddEntry(annotations, fields.Bytes);
                    break;
                case (13, 2) when details && owners.Count < MaximumEntries:
                    owners.Add(Owner(fields.Bytes));
                    break;
                case (14, 2) when details && finalizers.Count < MaximumEntries:
                    finalizers.Add(Text(fields.Bytes));
                    break;
                case (17, 2) when details:
                    Changed(ManagedAt(fields.Bytes));
                    break;
                default:
                    break;
            }
        }

        if (details)
        {
            Changed(created);
            Metadata = new EtcdObjectMetadata
            {
                Uid = uid,
                Created = created,
                Labels = labels,
                Annotations = annotations,
                Finalizers = finalizers,
                Owners = owners,
            };
        }
    }

    private void Changed(DateTime? time) => LastChange = LastChange > time ? LastChange : time ?? LastChange;

    // ManagedFieldsEntry: 4 time.
    private static DateTime? ManagedAt(ReadOnlySpan<byte> entry)
    {
        var fields = new ProtoReader(entry);
        while (fields.TryNext())
        {
            if (fields is { Field: 4, WireType: 2 })
            {
                return Time(fields.Bytes);
            }
        }

        return null;
    }

    private static DateTime? Time(ReadOnlySpan<byte> time)
    {
        var fields = new ProtoReader(time);
        while (fields.TryNext())
        {
            if (fields is { Field: 1, WireType: 0 } && (long)fields.Number is > 0 and < 253402300800)
            {
                return DateTime.UnixEpoch.AddSeconds(fields.Number);
            }
        }

        return null;
    }

    private static void AddEntry(Dictionary<string, string> entries, ReadOnlySpan<byte> entry)
    {
        string key = string.Empty,
            value = string.Empty;
        var fields = new ProtoReader(entry);
        while (fields.TryNext())
        {
            key = fields is { Field: 1, WireType: 2 } ? Text(fields.Bytes) : key;
            value = fields is { Field: 2, WireType: 2 } ? FullText(fields.Bytes) : value;
        }

        entries[key] = value;
    }

    // OwnerReference: 1 kind, 3 name.
    private static string Owner(ReadOnlySpan<byte> owner)
    {
        string kind = string.Empty,
            name = string.Empty;
        var fields = new ProtoReader(owner);
        while (fields.TryNext())
        {
            kind = fields is { Field: 1, WireType: 2 } ? Text(fields.Bytes) : kind;
            name = fields is { Field: 3, WireType: 2 } ? Text(fields.Bytes) : name;
        }

        return $"{kind}/{name}";
    }

    private bool ReadJson(ReadOnlySpan<byte> value, bool details)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var property =
                    reader.ValueTextEquals("apiVersion"u8) ? 1
                    : reader.ValueTextEquals("kind"u8) ? 2
                    : reader.ValueTextEquals("metadata"u8) ? 3
                    : 0;
                reader.Read();
                switch (property)
                {
                    case 1 when reader.TokenType == JsonTokenType.String:
                        ApiVersion = reader.GetString();
                        break;
                    case 2 when reader.TokenType == JsonTokenType.String:
                        Kind = NullIfEmpty(reader.GetString()!);
                        break;
                    case 3 when reader.TokenType == JsonTokenType.StartObject:
                        ReadJsonMetadata(ref reader, details);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return true;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Not JSON after all, or text in it that is no UTF-8: the value is of another kind.
            return false;
        }
    }

    private void ReadJsonMetadata(ref Utf8JsonReader reader, bool details)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var meta = document.RootElement;
        Name = String(meta, "name");
        Namespace = String(meta, "namespace");
        if (!details)
        {
            return;
        }

        Changed(Time(meta, "creationTimestamp"));
        foreach (var entry in Items(meta, "managedFields").Where(f => f.ValueKind == JsonValueKind.Object))
        {
            Changed(Time(entry, "time"));
        }

        Metadata = new EtcdObjectMetadata
        {
            Uid = String(meta, "uid"),
            Created = Time(meta, "creationTimestamp"),
            Labels = Map(meta, "labels"),
            Annotations = Map(meta, "annotations"),
            Finalizers = Items(meta, "finalizers").Where(f => f.ValueKind == JsonValueKind.String).Select(f => f.GetString()!).ToList(),
            Owners = Items(meta, "ownerReferences")
                .Where(o => o.ValueKind == JsonValueKind.Object)
                .Select(o => $"{String(o, "kind")}/{String(o, "name")}")
                .ToList(),
        };
    }

    private static DateTime? Time(JsonElement element, string name) =>
        element.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.String && time.TryGetDateTime(out var at)
            ? at.ToUniversalTime()
            : null;

    private static string? String(JsonElement element, string name) =>
        element.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.String
            ? NullIfEmpty(property.GetString()!)
            : null;

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray().Take(MaximumEntries)
            : [];

    private static Dictionary<string, string> Map(JsonElement element, string name)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.TryGetProperty(name, out var entries) && entries.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in entries.EnumerateObject().Where(e => e.Value.ValueKind == JsonValueKind.String).Take(MaximumEntries))
            {
                map[entry.Name] = entry.Value.GetString()!;
            }
        }

        return map;
    }
}
