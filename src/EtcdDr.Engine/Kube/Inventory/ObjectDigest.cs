using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>SHA-256 of JSON in canonical form: keys sorted by their code units, no blanks, absent and null values the same.</summary>
internal static class ObjectDigest
{
    // Objects have up to some megabytes: a buffer for each would be most of what an inventory leaves for the garbage collector.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? canonical;

    /// <summary>The digest, 64 lower-case hexadecimal digits.</summary>
    public static string Compute(JsonObject item)
    {
        var buffer = canonical ??= new ArrayBufferWriter<byte>(4096);
        try
        {
            using (var writer = new Utf8JsonWriter(buffer))
            {
                Write(writer, item);
            }

            return Convert.ToHexString(SHA256.HashData(buffer.WrittenSpan)).ToLowerInvariant();
        }
        finally
        {
            // Overwritten with zeros: it may have been a secret.
            buffer.Clear();
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Where(p => p.Value is not null).OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var value in list)
                {
                    Write(writer, value);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
