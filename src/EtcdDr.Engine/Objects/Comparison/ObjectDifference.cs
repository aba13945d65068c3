using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdDr.Engine.Mirror;

namespace EtcdDr.Engine.Objects.Comparison;

/// <summary>Where two objects differ: paths, never values, since they may be secrets.</summary>
internal static partial class ObjectDifference
{
    /// <summary>More of them than this tell nobody more.</summary>
    public const int MaximumPaths = 50;

    /// <summary>The paths at which one differs from the other, as <c>spec.template.spec.containers[web].image</c>.</summary>
    public static IReadOnlyList<string> Paths(JsonNode? one, JsonNode? other)
    {
        var paths = new List<string>();
        Add(paths, string.Empty, one, other);
        return paths;
    }

    /// <summary>Whether an object has all that is wanted of it, and perhaps more.</summary>
    /// <param name="live">The object.</param>
    /// <param name="wanted">What is wanted of it.</param>
    public static bool Covers(JsonNode? live, JsonNode? wanted) =>
        (live, wanted) switch
        {
            (_, null) => live is null,
            (JsonObject map, JsonObject part) => part.All(e => Covers(map[e.Key], e.Value)),
            (JsonArray list, JsonArray part) => list.Count == part.Count && list.Zip(part).All(p => Covers(p.First, p.Second)),
            _ => JsonNode.DeepEquals(live, wanted),
        };

    /// <summary>The paths at which a cluster's answer is not what was wanted. What it adds does not count, and neither does another
    /// spelling of the same quantity.</summary>
    /// <param name="wanted">What was wanted.</param>
    /// <param name="answer">What the cluster has made of it.</param>
    public static IReadOnlyList<string> NotTaken(JsonNode? wanted, JsonNode? answer)
    {
        var paths = new List<string>();
        AddNotTaken(paths, string.Empty, wanted, answer);
        return paths;
    }

    private static void AddNotTaken(List<string> paths, string path, JsonNode? wanted, JsonNode? answer)
    {
        if (wanted is null || paths.Count >= MaximumPaths || JsonNode.DeepEquals(wanted, answer) || IsSameQuantity(wanted, answer))
        {
            return;
        }

        switch (wanted, answer)
        {
            case (JsonObject map, JsonObject with):
                foreach (var (key, value) in map)
                {
                    AddNotTaken(paths, Join(path, key), value, with[key]);
                }

                break;
            case (JsonArray list, JsonArray with) when Named(list) is { } names && Named(with) is { } others:
                foreach (var (name, value) in names)
                {
                    AddNotTaken(paths, $"{path}[{name}]", value, others.GetValueOrDefault(name));
                }

                break;
            case (JsonArray list, JsonArray with) when list.Count == with.Count:
                for (var i = 0; i < list.Count; i++)
                {
                    AddNotTaken(paths, $"{path}[{i}]", list[i], with[i]);
                }

                break;
            case (JsonObject { Count: 0 } or JsonArray { Count: 0 }, null):
                break;
            default:
                paths.Add(path);
                break;
        }
    }

    private static bool IsSameQuantity(JsonNode wanted, JsonNode? answer) =>
        wanted is JsonValue
        && answer is JsonValue
        && KubeQuantity.Parse(wanted.ToString()) is var amount and not 0
        && amount == KubeQuantity.Parse(answer.ToString());

    private static void Add(List<string> paths, string path, JsonNode? one, JsonNode? other)
    {
        if (paths.Count >= MaximumPaths || JsonNode.DeepEquals(one, other))
        {
            return;
        }

        switch (one, other)
        {
            case (JsonObject map, JsonObject with):
                foreach (var key in map.Select(e => e.Key).Union(with.Select(e => e.Key), StringComparer.Ordinal))
                {
                    Add(paths, Join(path, key), map[key], with[key]);
                }

                break;
            case (JsonArray list, JsonArray with) when Named(list) is { } names && Named(with) is { } others:
                foreach (var name in names.Keys.Union(others.Keys, StringComparer.Ordinal))
                {
                    Add(paths, $"{path}[{name}]", names.GetValueOrDefault(name), others.GetValueOrDefault(name));
                }

                break;
            case (JsonArray list, JsonArray with) when list.Count == with.Count:
                for (var i = 0; i < list.Count; i++)
                {
                    Add(paths, $"{path}[{i}]", list[i], with[i]);
                }

                break;
            default:
                paths.Add(path);
                break;
        }
    }

    // The items of a list by their names, where all have one of their own.
    private static Dictionary<string, JsonNode>? Named(JsonArray list)
    {
        var named = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        return list.All(i => i.TextAt("name") is { Length: > 0 } name && named.TryAdd(name, i!)) ? named : null;
    }

    private static string Join(string path, string key)
    {
        var word = Word().IsMatch(key) ? key : $"\"{key}\"";
        return path.Length == 0 ? word : $"{path}.{word}";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
