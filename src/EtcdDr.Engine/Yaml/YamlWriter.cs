using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Yaml;

/// <summary>Writes values of JSON as YAML. Text that YAML would read as anything else stands in quotes.</summary>
internal static partial class YamlWriter
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // YAML 1.1 readers, and the kubelet's is one, take these words for other things than text.
    private static readonly HashSet<string> Words = new(
        ["true", "false", "yes", "no", "on", "off", "y", "n", "null"],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>A value on one line, in brackets where it has parts.</summary>
    public static string Flow(JsonNode? value) =>
        value switch
        {
            JsonObject mapping => $"{{{string.Join(", ", mapping.Select(e => $"{Text(e.Key)}: {Flow(e.Value)}"))}}}",
            JsonArray list => $"[{string.Join(", ", list.Select(Flow))}]",
            null => "null",
            _ when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
            _ => value.ToJsonString(),
        };

    /// <summary>Lines of a key with its value, in block style and without indentation of their own.</summary>
    public static IEnumerable<string> Block(string key, JsonNode value)
    {
        if (value is JsonValue or JsonObject { Count: 0 } or JsonArray { Count: 0 })
        {
            return [$"{Text(key)}: {Flow(value)}"];
        }

        var indent = value is JsonObject ? "  " : "";
        return Block(value).Select(line => indent + line).Prepend($"{Text(key)}:");
    }

    /// <summary>Lines of a mapping or a list.</summary>
    public static IEnumerable<string> Block(JsonNode value) =>
        value is JsonObject mapping ? mapping.SelectMany(e => Block(e.Key, e.Value!)) : value.AsArray().Select(item => $"- {Flow(item)}");

    private static string Text(string text) =>
        PlainText().IsMatch(text) && !Words.Contains(text) ? text : JsonSerializer.Serialize(text, Readable);

    [GeneratedRegex(@"\A(?:[A-Za-z/]|~/)(?:[A-Za-z0-9_./@~-]|:(?=[A-Za-z0-9/]))*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainText();
}
