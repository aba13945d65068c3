using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdDr.Engine.Yaml;

/// <summary>Writes a value of JSON as a YAML document that people read: blocks, and texts of several lines as they are. Texts that would be
/// read as anything else stand in quotes.</summary>
internal static class YamlDocument
{
    private static readonly EmitterSettings Settings = new EmitterSettings().WithBestWidth(int.MaxValue).WithIndentedSequences();

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(JsonNode value)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, Settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                emitter.Emit(
                    new MappingStart(
                        AnchorName.Empty,
                        TagName.Empty,
                        isImplicit: true,
                        map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block
                    )
                );
                foreach (var (key, inner) in map)
                {
                    Emit(emitter, Text(key));
                    Emit(emitter, inner);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(
                    new SequenceStart(
                        AnchorName.Empty,
                        TagName.Empty,
                        isImplicit: true,
                        list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block
                    )
                );
                foreach (var item in list)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            default:
                Emit(emitter, Scalar(value));
                break;
        }
    }

    private static void Emit(Emitter emitter, Scalar scalar) => emitter.Emit(scalar);

    private static Scalar Scalar(JsonNode? value) =>
        value is null ? Plain("null")
        : value.GetValueKind() == JsonValueKind.String ? Text(value.GetValue<string>())
        : Plain(value.ToJsonString());

    private static Scalar Plain(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, true, false);

    private static Scalar Text(string text) => new(AnchorName.Empty, TagName.Empty, text, Style(text), true, true);

    private static ScalarStyle Style(string text)
    {
        if (text.Any(c => c != '\n' && IsInvisible(c)))
        {
            return ScalarStyle.DoubleQuoted;
        }

        if (text.Contains('\n', StringComparison.Ordinal))
        {
            return IsLiteral(text) ? ScalarStyle.Literal : ScalarStyle.DoubleQuoted;
        }

        // What means something else without quotes, here or to readers of YAML 1.2, and what a merge key would be.
        return
            YamlScalar.ToJson(text) is JsonValue read && read.TryGetValue<string>(out var same) && same == text && text is not ("<<" or "=")
            ? ScalarStyle.Any
            : ScalarStyle.DoubleQuoted;
    }

    // Literals keep what stands in their lines, but not everything can begin or end one.
    private static bool IsLiteral(string text) =>
        text[0] is not (' ' or '\n' or '\t')
        && !text.Contains(" \n", StringComparison.Ordinal)
        && !text.EndsWith(' ')
        && !text.Any(char.IsSurrogate);

    // Controls, and what some readers take for the end of a line.
    private static bool IsInvisible(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF';
}
