using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

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
