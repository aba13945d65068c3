using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdDr.Engine.Yaml;

/// <summary>
/// Builds <see cref="YamlElement"/> trees from the first document of a text. Bounded, because manifests come from nodes and profiles from
/// people: YamlDotNet's own object model recurses without a limit, and a deep file would end the process.
/// </summary>
public sealed class YamlReader
{
    private const int MaximumLength = 4 * 1024 * 1024;
    private const int MaximumDepth = 64;
    private const int MaximumNodes = 200_000;
    private const string MergeKey = "<<";

    private readonly Parser _parser;
    private readonly bool _lastKeyWins;
    private readonly int _maximumNodes;
    private readonly Dictionary<AnchorName, YamlElement> _anchors = [];
    private int _nodes;
    private int _end;

    private YamlReader(string text, bool lastKeyWins, int maximumNodes)
    {
        _parser = new Parser(new StringReader(text));
        (_lastKeyWins, _maximumNodes) = (lastKeyWins, maximumNodes);
    }

    /// <summary>Reads the first document; null if the text has none or it is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lastKeyWins">Whether a key that comes twice counts by its last value, as it does for the kubelet; otherwise it is an
    /// error.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, too large or too deep.</exception>
    public static YamlElement? Read(string text, bool lastKeyWins = false) => Read(text, lastKeyWins, reader => reader.ReadFirst());

    /// <summary>Reads all documents that are not empty. A key that comes twice is an error.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, too large or too deep.</exception>
    public static IReadOnlyList<YamlElement> ReadAll(string text) => ReadAll(text, MaximumLength, MaximumNodes);

    /// <summary>The same with other limits, for exports of whole clusters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maximumLength">Characters.</param>
    /// <param name="maximumNodes">Values, those of all documents.</param>
    /// <exception cref="YamlFormatException">The text is not YAML, too large or too deep.</exception>
    public static IReadOnlyList<YamlElement> ReadAll(string text, int maximumLength, int maximumNodes) =>
        Read(text, lastKeyWins: false, reader => reader.ReadDocuments().ToList(), maximumLength, maximumNodes);

    private static T Read<T>(
        string text,
        bool lastKeyWins,
        Func<YamlReader, T> read,
        int maximumLength = MaximumLength,
        int maximumNodes = MaximumNodes
    )
    {
        if (text.Length > maximumLength)
        {
            throw new YamlFormatException(Errors.Yaml_TooLong_Part.With(text.Length, maximumLength), 1);
        }

        var reader = new YamlReader(text, lastKeyWins, maximumNodes);
        try
        {
            return read(reader);
        }
        catch (YamlException e)
        {
            throw new YamlFormatException(FirstLine(e.Message), (int)e.Start.Line, e);
        }
        catch (Exception e)
            when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // YamlDotNet's scanner ends with one of these on some broken texts, for example an unclosed '['.
            throw new YamlFormatException(Errors.Yaml_NoYaml_Part, LineOf(reader._parser.Current), e);
        }
    }

    private YamlElement? ReadFirst()
    {
        _parser.Consume<StreamStart>();
        return ReadDocument();
    }

    private IEnumerable<YamlElement> ReadDocuments()
    {
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            if (ReadDocument() is { } root)
            {
                yield return root;
            }

            _parser.Consume<DocumentEnd>();
            _anchors.Clear();
        }
    }

    private YamlElement? ReadDocument()
    {
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = ReadNode(0);
        return root.IsNull ? null : root;
    }

    private YamlElement ReadNode(int depth)
    {
        var line = LineOf(_parser.Current);
        if (depth > MaximumDepth)
        {
            throw new YamlFormatException(Errors.Yaml_TooDeep_Part.With(MaximumDepth), line);
        }

        if (++_nodes > _maximumNodes)
        {
            throw new YamlFormatException(Errors.Yaml_TooManyValues_Part.With(_maximumNodes), line);
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            _end = (int)alias.End.Index;
            return _anchors.TryGetValue(alias.Value, out var target)
                ? target
                : throw new YamlFormatException(Errors.Yaml_Alias_Part.With(alias.Value), line);
        }

        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var element = _parser.Current switch
        {
            Scalar => ReadScalar(line),
            SequenceStart => ReadSequence(depth, line),
            MappingStart => ReadMapping(depth, line),
            _ => throw new YamlFormatException(Errors.Yaml_NoValue_Part, line),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = element;
        }

        return element;
    }

    private YamlElement ReadScalar(int line)
    {
        var scalar = _parser.Consume<Scalar>();
        _end = (int)scalar.End.Index;
        return YamlElement.Scalar(
            scalar.Value,
            scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty,
            line,
            (int)scalar.Start.Index.._end
        );
    }

    private YamlElement ReadSequence(int depth, int line)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<YamlElement>();
        while (!_parser.Accept<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }

        var isFlow = start.Style == SequenceStyle.Flow;
        return YamlElement.Sequence(items, line, (int)start.Start.Index..EndOf(_parser.Consume<SequenceEnd>(), isFlow), isFlow);
    }

    private YamlElement ReadMapping(int depth, int line)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        var merged = new List<YamlEntry>();
        while (!_parser.Accept<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            if (key.Kind != YamlKind.Scalar)
            {
                throw new YamlFormatException(Errors.Yaml_KeyKind_Part, key.Line);
            }

            var entry = new YamlEntry(key.Text, key.Line, ReadNode(depth + 1));
            if (key is { Text: MergeKey, IsPlain: true })
            {
                merged.AddRange(MergedEntries(entry));
                continue;
            }

            Add(entry, entries, positions);
        }

        // Keys of the mapping itself win over merged ones, and earlier merged ones over later: the rule of YAML's merge key.
        entries.AddRange(merged.Where(m => positions.TryAdd(m.Key, -1)));
        var isFlow = start.Style == MappingStyle.Flow;
        return YamlElement.Mapping(entries, line, (int)start.Start.Index..EndOf(_parser.Consume<MappingEnd>(), isFlow), isFlow);
    }

    // The end of a block is only noticed at whatever follows it; its text ends with its last value.
    private int EndOf(ParsingEvent end, bool isFlow) => isFlow ? _end = (int)end.End.Index : _end;

    private void Add(YamlEntry entry, List<YamlEntry> entries, Dictionary<string, int> positions)
    {
        if (positions.TryAdd(entry.Key, entries.Count))
        {
            entries.Add(entry);
            return;
        }

        var first = positions[entry.Key];
        if (!_lastKeyWins)
        {
            throw new YamlFormatException(Errors.Yaml_KeyTwice_Part.With(entry.Key, entries[first].Line), entry.Line);
        }

        entries[first] = entry;
    }

    private static IEnumerable<YamlEntry> MergedEntries(YamlEntry merge) =>
        merge.Value.Kind switch
        {
            YamlKind.Mapping => merge.Value.Entries,
            YamlKind.Sequence when merge.Value.Items.All(i => i.Kind == YamlKind.Mapping) => merge.Value.Items.SelectMany(i => i.Entries),
            _ => throw new YamlFormatException(Errors.Yaml_Merge_Part, merge.Line),
        };

    private static int LineOf(ParsingEvent? parsingEvent) => (int)(parsingEvent?.Start.Line ?? 1);

    private static string FirstLine(string message)
    {
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? message : message[..end];
    }
}
