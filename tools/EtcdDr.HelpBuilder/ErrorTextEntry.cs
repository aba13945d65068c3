using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EtcdDr.HelpBuilder;

/// <summary>An entry of an <c>Errors.resx</c>.</summary>
/// <param name="Name"><c>&lt;ErrorId&gt;[_&lt;Case&gt;]</c> of a message, with <c>_Action</c> of what to do, with <c>_Part</c> of words
/// that fill a place of a message.</param>
/// <param name="Text">What it says, a composite format.</param>
/// <param name="Comment">What its places stand for: <c>{0} path; {1} cause</c>.</param>
public sealed partial record ErrorTextEntry(string Name, string Text, string Comment)
{
    /// <summary>The ErrorId that it belongs to; for parts of several errors the subject that they have in common.</summary>
    public string Owner => Name.Split('_')[0];

    /// <summary>Whether it says what to do.</summary>
    public bool IsAction => Name.EndsWith("_Action", StringComparison.Ordinal);

    /// <summary>Whether it fills a place of a message.</summary>
    public bool IsPart => Name.EndsWith("_Part", StringComparison.Ordinal);

    /// <summary>Whether it is a message.</summary>
    public bool IsMessage => !IsAction && !IsPart;

    /// <summary>The numbers of its places, each once, in order.</summary>
    public IReadOnlyList<int> Places => [.. Place().Matches(Unescaped(Text)).Select(p => Number(p)).Distinct().Order()];

    /// <summary>What the comment calls each place, in the comment's order.</summary>
    public IReadOnlyList<(int Number, string Name)> Names => [.. Named().Matches(Comment).Select(n => (Number(n), n.Groups["name"].Value))];

    /// <summary>What it says, with the names of its places in braces.</summary>
    public string Readable =>
        Place()
            .Replace(Unescaped(Text), p => $"{{{NameOf(Number(p))}}}")
            .Replace("\u0001", "{", StringComparison.Ordinal)
            .Replace("\u0002", "}", StringComparison.Ordinal);

    /// <summary>The entries of a file, in its order.</summary>
    public static IReadOnlyList<ErrorTextEntry> Read(string path) =>
        [
            .. XDocument
                .Load(path)
                .Root!.Elements("data")
                .Select(d => new ErrorTextEntry(
                    (string)d.Attribute("name")!,
                    (string)d.Element("value")!,
                    (string?)d.Element("comment") ?? ""
                )),
        ];

    private string NameOf(int number) => Names.Where(n => n.Number == number).Select(n => n.Name).FirstOrDefault() ?? "value";

    private static int Number(Match found) => int.Parse(found.Groups["number"].Value, CultureInfo.InvariantCulture);

    // Doubled braces are braces that people see.
    private static string Unescaped(string text) =>
        text.Replace("{{", "\u0001", StringComparison.Ordinal).Replace("}}", "\u0002", StringComparison.Ordinal);

    [GeneratedRegex(@"\{(?<number>\d+)(?:[:,][^{}]*)?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{(?<number>\d+)\} (?<name>[^;]+)")]
    private static partial Regex Named();
}
