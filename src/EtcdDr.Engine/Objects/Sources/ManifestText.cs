using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>The objects in the text of a manifest: YAML with one or more documents, or JSON; lists stand for what is in them.</summary>
internal static class ManifestText
{
    // A whole cluster's objects in one file; YAML takes about 100 bytes of memory for each value.
    private const int MaximumLength = 64 * 1024 * 1024;
    private const int MaximumNodes = 3_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Reads them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">Where it stands.</param>
    /// <exception cref="EtcdDrException"><c>ObjectFileInvalid</c>.</exception>
    public static IEnumerable<KubeObject> Read(string text, string place)
    {
        var documents = Json(text) is { } whole ? [whole] : Yaml(text, place);
        return documents.SelectMany((d, i) => Objects(d, documents.Count > 1 ? $"{place}, document {i + 1}" : place));
    }

    // Null where it is no JSON; YAML in brackets begins the same way.
    private static JsonNode? Json(string text)
    {
        if (!text.AsSpan().TrimStart('\uFEFF').TrimStart().StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text, null, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<JsonNode?> Yaml(string text, string place)
    {
        try
        {
            return [.. YamlReader.ReadAll(text, MaximumLength, MaximumNodes).Select(d => d.ToJson())];
        }
        catch (YamlFormatException e)
        {
            throw ObjectErrors.ObjectFileInvalid($"{place}, line {e.Line}", e.Message, e);
        }
    }

    private static IEnumerable<KubeObject> Objects(JsonNode? document, string place)
    {
        if (document is not JsonObject body)
        {
            throw ObjectErrors.ObjectFileInvalid(place, Errors.ObjectFileInvalid_NoObject_Part);
        }

        var kind = body.TextAt("kind");
        if (kind?.EndsWith("List", StringComparison.Ordinal) == true && body["items"] is JsonArray items)
        {
            return items.ToList().SelectMany((item, i) => Objects(InList(item, body, kind), $"{place}, item {i + 1}"));
        }

        // An empty list is written as null.
        if (kind?.EndsWith("List", StringComparison.Ordinal) == true && body.ContainsKey("items") && body["items"] is null)
        {
            return [];
        }

        foreach (
            var (name, value) in (ReadOnlySpan<(string, string?)>)
                [("apiVersion", body.TextAt("apiVersion")), ("kind", kind), ("metadata.name", body.TextAt("metadata", "name"))]
        )
        {
            if (string.IsNullOrEmpty(value))
            {
                throw ObjectErrors.ObjectFileInvalid(place, Errors.ObjectFileInvalid_Lacks_Part.With(name));
            }
        }

        return [new KubeObject(body, place)];
    }

    // Items of a typed list have no kind of their own.
    private static JsonNode? InList(JsonNode? item, JsonObject list, string kind)
    {
        item?.Parent?.AsArray().Remove(item);
        if (item is JsonObject body && kind != "List")
        {
            body["kind"] ??= kind[..^"List".Length];
            body["apiVersion"] ??= list.TextAt("apiVersion");
        }

        return item;
    }
}
