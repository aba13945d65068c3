using System.Globalization;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Yaml;

/// <summary>A YAML node that knows its line. Immutable; an alias is the very node that its anchor names.</summary>
public sealed class YamlElement
{
    private YamlElement(YamlKind kind, int line)
    {
        Kind = kind;
        Line = line;
    }

    /// <summary>What it is.</summary>
    public YamlKind Kind { get; }

    /// <summary>Line where it begins, from 1.</summary>
    public int Line { get; }

    /// <summary>Text of a scalar; empty for others.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Whether a scalar stands without quotes, so that <c>true</c>, <c>5</c> and <c>null</c> are not text.</summary>
    public bool IsPlain { get; private init; }

    /// <summary>Members of a sequence; empty for others.</summary>
    public IReadOnlyList<YamlElement> Items { get; private init; } = [];

    /// <summary>Members of a mapping in the order of the file; empty for others.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; private init; } = [];

    /// <summary>Where its text begins, in characters from the beginning of what was read; for an alias, where the anchored value
    /// begins.</summary>
    internal int Start { get; private init; }

    /// <summary>Where its text ends: behind its last character.</summary>
    internal int End { get; private init; }

    /// <summary>Whether a list or mapping is written in brackets.</summary>
    internal bool IsFlow { get; private init; }

    /// <summary>Whether it is an absent value: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => Kind == YamlKind.Scalar && IsPlain && (Text is "" or "~" or "null" or "Null" or "NULL");

    /// <summary>The value of a key; null if this is no mapping, has no such key, or the value is YAML's null.</summary>
    public YamlElement? this[string key]
    {
        get
        {
            var value = Entries.FirstOrDefault(e => string.Equals(e.Key, key, StringComparison.Ordinal))?.Value;
            return value is null || value.IsNull ? null : value;
        }
    }

    /// <summary>The text of a scalar under a key; null if there is none.</summary>
    public string? TextOf(string key) => this[key] is { Kind: YamlKind.Scalar } scalar ? scalar.Text : null;

    /// <summary>Reads a plain scalar as a whole number.</summary>
    public bool TryGetInteger(out int value)
    {
        value = 0;
        return Kind == YamlKind.Scalar
            && IsPlain
            && int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads a plain scalar as true or false, in the spellings of YAML's core schema.</summary>
    public bool TryGetBoolean(out bool value)
    {
        value = Text is "true" or "True" or "TRUE";
        return Kind == YamlKind.Scalar && IsPlain && (value || Text is "false" or "False" or "FALSE");
    }

    /// <summary>The same as JSON, as kubectl and the kubelet read it: see <see cref="YamlScalar"/>.</summary>
    public JsonNode? ToJson() =>
        Kind switch
        {
            YamlKind.Mapping => new JsonObject(Entries.Select(e => KeyValuePair.Create(e.Key, e.Value.ToJson()))),
            YamlKind.Sequence => new JsonArray([.. Items.Select(i => i.ToJson())]),
            _ => IsPlain ? YamlScalar.ToJson(Text) : Text,
        };

    internal static YamlElement Scalar(string text, bool isPlain, int line, Range place) =>
        new(YamlKind.Scalar, line)
        {
            Text = text,
            IsPlain = isPlain,
            Start = place.Start.Value,
            End = place.End.Value,
        };

    internal static YamlElement Sequence(IReadOnlyList<YamlElement> items, int line, Range place, bool isFlow) =>
        new(YamlKind.Sequence, line)
        {
            Items = items,
            Start = place.Start.Value,
            End = place.End.Value,
            IsFlow = isFlow,
        };

    internal static YamlElement Mapping(IReadOnlyList<YamlEntry> entries, int line, Range place, bool isFlow) =>
        new(YamlKind.Mapping, line)
        {
            Entries = entries,
            Start = place.Start.Value,
            End = place.End.Value,
            IsFlow = isFlow,
        };
}
