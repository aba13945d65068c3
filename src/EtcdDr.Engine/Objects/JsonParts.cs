using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects;

/// <summary>Reads and removes parts of objects by their paths. What is not there, or is something else, is null.</summary>
internal static class JsonParts
{
    /// <summary>The value at a path of keys.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node is JsonObject map && map.TryGetPropertyValue(key, out var value) ? value : null;
        }

        return node;
    }

    /// <summary>The text at a path.</summary>
    public static string? TextAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).Text();

    /// <summary>The text of a JSON string.</summary>
    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Whether <c>true</c> stands at a path.</summary>
    public static bool IsTrue(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The objects of a list at a path.</summary>
    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>Removes keys of a map, where it is one.</summary>
    public static void RemoveAll(this JsonNode? node, params ReadOnlySpan<string> keys)
    {
        if (node is not JsonObject map)
        {
            return;
        }

        foreach (var key in keys)
        {
            map.Remove(key);
        }
    }

    /// <summary>Removes the entries of a map that fit, and the map with the last of them.</summary>
    /// <param name="parent">What holds the map.</param>
    /// <param name="name">The map's key there.</param>
    /// <param name="fits">Which entries go.</param>
    public static void RemoveEntries(this JsonObject parent, string name, Func<string, bool> fits)
    {
        if (parent[name] is not JsonObject map)
        {
            return;
        }

        foreach (var key in map.Select(e => e.Key).Where(fits).ToList())
        {
            map.Remove(key);
        }

        if (map.Count == 0)
        {
            parent.Remove(name);
        }
    }

    /// <summary>Removes the items of a list that fit, and the list with the last of them.</summary>
    /// <param name="parent">What holds the list.</param>
    /// <param name="name">The list's key there.</param>
    /// <param name="fits">Which items go.</param>
    public static void RemoveItems(this JsonObject parent, string name, Func<JsonNode?, bool> fits)
    {
        if (parent[name] is not JsonArray list)
        {
            return;
        }

        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (fits(list[i]))
            {
                list.RemoveAt(i);
            }
        }

        if (list.Count == 0)
        {
            parent.Remove(name);
        }
    }
}
