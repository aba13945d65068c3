using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Yaml;

/// <summary>
/// YAML that is changed where it stands: only the characters of what changes are replaced, so comments, order, quotes and indentation of
/// all else stay. Each change is read again and compared with what was there; where anything but what was asked for has changed (an alias,
/// an odd style) it is refused. Immutable.
/// </summary>
internal sealed class YamlText
{
    private const int Indentation = 2;

    private YamlText(string text)
    {
        Text = text;
        Documents = YamlReader.ReadAll(text);
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>Its documents, without empty ones.</summary>
    public IReadOnlyList<YamlElement> Documents { get; }

    private string NewLine => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>Reads a text.</summary>
    /// <exception cref="YamlFormatException">It is not YAML.</exception>
    public static YamlText Parse(string text) => new(text);

    /// <summary>The text with another value in the place of one.</summary>
    /// <param name="value">A value of <see cref="Documents"/>.</param>
    /// <param name="replacement">What stands there then.</param>
    /// <exception cref="YamlFormatException">That would change something else.</exception>
    public YamlText Replace(YamlElement value, JsonNode replacement) =>
        Checked(
            string.Concat(Text.AsSpan(0, value.Start), YamlWriter.Flow(replacement), Text.AsSpan(value.End)),
            value,
            changed => YamlComparison.Is(changed, replacement)
        );

    /// <summary>The text with one item more at the end of a list.</summary>
    /// <param name="list">A list of <see cref="Documents"/>.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="YamlFormatException">That would change something else.</exception>
    public YamlText Append(YamlElement list, string item)
    {
        var word = YamlWriter.Flow(item);
        var text = list.IsFlow ? Inserted(list, list.Items.Count, word) : WithLines(list.End, [$"{Spaces(list)}- {word}"]);
        return Checked(
            text,
            list,
            changed =>
                changed.Kind == YamlKind.Sequence
                && changed.Items.Count == list.Items.Count + 1
                && changed.Items[^1].Text == item
                && list.Items.Zip(changed.Items).All(pair => YamlComparison.Same(pair.First, pair.Second))
        );
    }

    /// <summary>The text with a key in a mapping that it lacks or that has no value there.</summary>
    /// <param name="mapping">A mapping of <see cref="Documents"/>.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="YamlFormatException">That would change something else.</exception>
    public YamlText Add(YamlElement mapping, string key, JsonNode value)
    {
        var empty = mapping.Entries.FirstOrDefault(e => e.Key == key)?.Value;
        if (empty is { IsNull: false })
        {
            throw new YamlFormatException(Errors.Yaml_KeyThere_Part.With(key), empty.Line);
        }

        return Checked(
            empty is null ? Added(mapping, key, value) : Filled(mapping, empty, value),
            mapping,
            changed =>
            {
                var others = mapping.Entries.Where(e => e.Key != key).ToList();
                var changedOthers = changed.Entries.Where(e => e.Key != key).ToList();
                return changed[key] is { } added
                    && YamlComparison.Is(added, value)
                    && others.Count == changedOthers.Count
                    && others
                        .Zip(changedOthers)
                        .All(pair => pair.First.Key == pair.Second.Key && YamlComparison.Same(pair.First.Value, pair.Second.Value));
            }
        );
    }

    private string Added(YamlElement mapping, string key, JsonNode value) =>
        mapping.IsFlow
            ? Inserted(mapping, mapping.Entries.Count, $"{YamlWriter.Flow(key)}: {YamlWriter.Flow(value)}")
            : WithLines(mapping.End, YamlWriter.Block(key, value).Select(line => Spaces(mapping) + line));

    private string Filled(YamlElement mapping, YamlElement empty, JsonNode value)
    {
        if (mapping.IsFlow || value is JsonValue)
        {
            return Text[..empty.Start].TrimEnd(' ') + " " + YamlWriter.Flow(value) + Text[empty.End..];
        }

        var inner = Spaces(mapping) + (value is JsonObject ? new string(' ', Indentation) : "");
        var without = string.Concat(Text.AsSpan(0, empty.Start), Text.AsSpan(empty.End));
        return WithLines(without, empty.Start, YamlWriter.Block(value).Select(line => inner + line));
    }

    // Before the closing bracket, behind the last value: a comma that already follows it, or a comment, stays where it is.
    private string Inserted(YamlElement bracketed, int count, string word)
    {
        var at = bracketed switch
        {
            { Items: [.., var last] } => last.End,
            { Entries: [.., var last] } => last.Value.End,
            _ => bracketed.Start + 1,
        };
        return Text.Insert(at, count == 0 ? word : $", {word}");
    }

    private string WithLines(int end, IEnumerable<string> lines) => WithLines(Text, end, lines);

    private string WithLines(string text, int end, IEnumerable<string> lines)
    {
        // A literal's text ends behind its line feeds; a comment may stand between a value and the end of its line.
        while (end > 0 && text[end - 1] is '\n' or '\r' or ' ')
        {
            end--;
        }

        var lineEnd = text.IndexOf('\n', end);
        var block = string.Concat(lines.Select(line => line + NewLine));
        return lineEnd < 0 ? text + NewLine + block : text.Insert(lineEnd + 1, block);
    }

    private string Spaces(YamlElement block)
    {
        var lineStart = block.Start == 0 ? 0 : Text.LastIndexOf('\n', block.Start - 1) + 1;
        return new string(' ', block.Start - lineStart);
    }

    private YamlText Checked(string text, YamlElement target, Func<YamlElement, bool> isRight)
    {
        try
        {
            var changed = new YamlText(text);
            if (new YamlComparison(target, isRight).OnlyTargetDiffers(Documents, changed.Documents))
            {
                return changed;
            }
        }
        catch (YamlFormatException e)
        {
            throw Refused(target, e);
        }

        throw Refused(target, null);
    }

    private static YamlFormatException Refused(YamlElement target, Exception? cause) =>
        new(Errors.Yaml_Unchangeable_Part, target.Line, cause);
}
