using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Commands;

/// <summary>
/// Bodies of objects between JSON and what PowerShell reads and changes by dots: dictionaries in order, lists, texts, numbers. Back comes
/// whatever a script has put in: hash tables, custom objects, arrays, enumerations, times.
/// </summary>
internal static class ObjectBody
{
    private const int MaximumDepth = 64;
    private const string Root = "Body";

    // Keys there are the users' own, and two may differ by case alone.
    private static readonly HashSet<string> MapsOfUsers = new(StringComparer.Ordinal)
    {
        "annotations",
        "binaryData",
        "data",
        "labels",
        "matchLabels",
        "nodeSelector",
        "stringData",
    };

    /// <summary>The body as dictionaries.</summary>
    public static IDictionary ToDictionary(JsonObject body) => Dictionary(body, isOfUsers: false);

    /// <summary>The body as JSON.</summary>
    /// <param name="body">The dictionaries, or whatever a script has made of them.</param>
    /// <param name="name">What it is, for messages.</param>
    /// <exception cref="EtcdDrException"><c>ObjectBodyInvalid</c>: a value is none that JSON has.</exception>
    public static JsonObject ToJson(IDictionary body, string name) => (JsonObject)Json(body, name, Root, 0)!;

    private static OrderedDictionary Dictionary(JsonObject map, bool isOfUsers)
    {
        var isPlain = !isOfUsers && map.DistinctBy(e => e.Key, StringComparer.OrdinalIgnoreCase).Count() == map.Count;
        var dictionary = new OrderedDictionary(map.Count, isPlain ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            dictionary.Add(key, Value(value, MapsOfUsers.Contains(key)));
        }

        return dictionary;
    }

    private static object? Value(JsonNode? node, bool isOfUsers) =>
        node switch
        {
            null => null,
            JsonObject map => Dictionary(map, isOfUsers),
            JsonArray list => list.Select(i => Value(i, isOfUsers: false)).ToList(),
            JsonValue value => Scalar(value),
            _ => throw new InvalidOperationException(),
        };

    private static object? Scalar(JsonValue value) =>
        value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number when value.TryGetValue<long>(out var whole) => whole,
            JsonValueKind.Number when value.TryGetValue<ulong>(out var large) => large,
            JsonValueKind.Number => double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
            _ => null,
        };

    private static JsonNode? Json(object? value, string name, string path, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw Invalid(name, path, Errors.ObjectBodyInvalid_Deep_Part.With(MaximumDepth));
        }

        return Plain(value) switch
        {
            null => null,
            PSCustomObject => Map(((PSObject)value!).Properties.Select(p => (p.Name, (object?)p.Value)), name, path, depth),
            IDictionary map => Map(map.Keys.Cast<object>().Select(k => ($"{k}", map[k])), name, path, depth),
            string text => text,
            char letter => letter.ToString(),
            bool flag => flag,
            SwitchParameter flag => flag.IsPresent,
            Enum word => word.ToString(),
            byte or sbyte or short or ushort or int or uint or long => Convert.ToInt64(Plain(value), CultureInfo.InvariantCulture),
            ulong large => large,
            float or double => Convert.ToDouble(Plain(value), CultureInfo.InvariantCulture),
            decimal number => number,
            DateTime time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Guid or Uri or Version => $"{Plain(value)}",
            byte[] bytes => Convert.ToBase64String(bytes),
            IEnumerable several => new JsonArray([.. several.Cast<object?>().Select((v, i) => Json(v, name, $"{path}[{i}]", depth + 1))]),
            var other => throw Invalid(name, path, Errors.ObjectBodyInvalid_Type_Part.With(other.GetType().Name)),
        };
    }

    private static object? Plain(object? value) =>
        value == AutomationNull.Value ? null
        : value is PSObject wrapped ? wrapped.BaseObject
        : value;

    private static JsonObject Map(IEnumerable<(string Key, object? Value)> entries, string name, string path, int depth)
    {
        var map = new JsonObject();
        foreach (var (key, value) in entries)
        {
            map[key] = Json(value, name, $"{path}.{key}", depth + 1);
        }

        return map;
    }

    private static EtcdDrException Invalid(string name, string path, string why) =>
        new(
            "ObjectBodyInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.ObjectBodyInvalid.With(name, path, why),
            Errors.ObjectBodyInvalid_Action,
            name
        );
}
