using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>A label selector as kubectl takes it, for objects that no server selects: <c>a=b,c!=d,e in (f,g),h notin
/// (i),j,!k</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Func<JsonObject?, bool>> _requirements;

    private LabelSelector(IReadOnlyList<Func<JsonObject?, bool>> requirements) => _requirements = requirements;

    /// <summary>Reads a selector.</summary>
    /// <exception cref="EtcdDrException"><c>LabelSelectorInvalid</c>.</exception>
    public static LabelSelector Parse(string text) =>
        new([
            .. Parts()
                .Split(text)
                .Where(p => p.Trim().Length > 0)
                .Select(p => Requirement(p.Trim()) ?? throw ObjectErrors.SelectorInvalid(text, p)),
        ]);

    /// <summary>Whether labels fit.</summary>
    public bool Fits(JsonObject? labels) => _requirements.All(r => r(labels));

    private static Func<JsonObject?, bool>? Requirement(string part)
    {
        if (Comparison().Match(part) is { Success: true } comparison)
        {
            var (key, value) = (comparison.Groups["key"].Value, comparison.Groups["value"].Value);
            return comparison.Groups["not"].Success ? labels => labels.TextAt(key) != value : labels => labels.TextAt(key) == value;
        }

        if (Membership().Match(part) is { Success: true } membership)
        {
            var key = membership.Groups["key"].Value;
            var values = membership.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
            return membership.Groups["not"].Success
                ? labels => labels.TextAt(key) is not { } value || !values.Contains(value)
                : labels => labels.TextAt(key) is { } value && values.Contains(value);
        }

        if (Presence().Match(part) is { Success: true } presence)
        {
            var key = presence.Groups["key"].Value;
            return presence.Groups["not"].Success ? labels => labels?.ContainsKey(key) != true : labels => labels?.ContainsKey(key) == true;
        }

        return null;
    }

    // Commas between requirements, not those in brackets.
    [GeneratedRegex(@",(?![^(]*\))", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A(?<key>[^\s=!(),]+)\s*(?:(?<not>!=)|==?)\s*(?<value>[^\s=!(),]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\A(?<key>[^\s=!(),]+)\s+(?:(?<not>notin)|in)\s*\((?<values>[^()]*)\)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Membership();

    [GeneratedRegex(@"\A(?<not>!)?\s*(?<key>[^\s=!(),]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Presence();
}
