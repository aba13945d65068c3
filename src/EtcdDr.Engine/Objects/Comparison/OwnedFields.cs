using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Comparison;

/// <summary>The fields of an object that a manager has applied, as <c>metadata.managedFields</c> keeps them.</summary>
internal static class OwnedFields
{
    /// <summary>Whether all that a manager has applied before is still wanted. What is not, an apply would take away.</summary>
    /// <param name="live">The object as it is in the cluster.</param>
    /// <param name="wanted">What is applied now.</param>
    /// <param name="manager">The field manager.</param>
    public static bool AreWanted(JsonObject live, JsonObject wanted, string manager) =>
        live.ObjectsAt("metadata", "managedFields")
            .Where(m => m.TextAt("manager") == manager && m.TextAt("operation") == "Apply" && m["subresource"] is null)
            .All(m => Exist(m["fieldsV1"] as JsonObject, wanted));

    private static bool Exist(JsonObject? fields, JsonNode? wanted) =>
        fields is null || fields.All(f => f.Key == "." || Exists(f.Key, f.Value as JsonObject, wanted));

    private static bool Exists(string field, JsonObject? inner, JsonNode? wanted) =>
        field switch
        {
            ['f', ':', ..] => wanted is JsonObject map && map.TryGetPropertyValue(field[2..], out var value) && Exist(inner, value),
            ['k', ':', ..] => wanted is JsonArray list
                && JsonNode.Parse(field[2..]) is JsonObject key
                && list.OfType<JsonObject>().FirstOrDefault(i => Has(i, key)) is { } item
                && Exist(inner, item),
            ['v', ':', ..] => wanted is JsonArray values && Value(field[2..]) is { } one && values.Any(v => JsonNode.DeepEquals(v, one)),
            // By its index: only a whole list says whether it is still wanted.
            _ => false,
        };

    // Keys of ports name a protocol that a default gives where nobody wrote it.
    private static bool Has(JsonObject item, JsonObject key) =>
        key.All(k => item[k.Key] is null ? k.Key == "protocol" && k.Value.Text() == "TCP" : JsonNode.DeepEquals(item[k.Key], k.Value));

    private static JsonNode? Value(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
