using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Label and field selectors of list and watch.</summary>
internal static partial class Selectors
{
    public static Func<JsonObject, bool> Parse(string? labels, string? fields)
    {
        var tests = new List<Func<JsonObject, bool>>();
        if (!string.IsNullOrEmpty(labels))
            tests.AddRange(Split().Split(labels).Select(t => Label(t.Trim())));
        if (!string.IsNullOrEmpty(fields))
            tests.AddRange(fields.Split(',').Select(Field));
        return tests.Count == 0 ? _ => true : item => tests.TrueForAll(t => t(item));
    }

    private static Func<JsonObject, bool> Label(string term)
    {
        if (Set().Match(term) is { Success: true } set)
        {
            var values = set.Groups[3].Value.Split(',').Select(v => v.Trim()).ToHashSet();
            return set.Groups[2].Value == "in"
                ? item => Value(item, set.Groups[1].Value) is { } v && values.Contains(v)
                : item => Value(item, set.Groups[1].Value) is not { } v || !values.Contains(v);
        }

        if (term.StartsWith('!'))
            return item => Value(item, term[1..].Trim()) is null;
        if (term.Split("!=", 2) is [var unlike, var other])
            return item => Value(item, unlike.Trim()) != other.Trim();
        if (term.Split('=', 2) is [var key, var wanted])
            return item => Value(item, key.Trim()) == wanted.TrimStart('=').Trim();
        return item => Value(item, term) is not null;
    }

    private static Func<JsonObject, bool> Field(string term)
    {
        var differs = term.Contains("!=", StringComparison.Ordinal);
        var parts = term.Split(differs ? "!=" : "=", 2);
        if (parts.Length != 2)
            throw StatusException.BadRequest($"invalid field selector: {term}");
        var path = parts[0].Split('.');
        var wanted = parts[1].TrimStart('=');
        return item => ((item.Text(path) ?? "") == wanted) != differs;
    }

    private static string? Value(JsonObject item, string label) => item.Text("metadata", "labels", label);

    [GeneratedRegex(@",(?![^()]*\))")]
    private static partial Regex Split();

    [GeneratedRegex(@"^(\S+)\s+(in|notin)\s*\(([^)]*)\)$")]
    private static partial Regex Set();
}
