using System.Text;
using System.Text.RegularExpressions;

namespace EtcdDr.HelpBuilder;

/// <summary>
/// The catalogue of errors, read from where they are made: every <c>EtcdDrException</c> is given a literal ErrorId, its category, its message and what to do,
/// in this order. Writes <c>docs/errors.md</c>.
/// </summary>
public static partial class ErrorCatalogue
{
    private const string Head =
        """
        # Errors
        Made by `dotnet run --project tools/EtcdDr.HelpBuilder -- errors src docs/errors.md` from the source; a test holds that it is up to date.

        `$Error[0].FullyQualifiedErrorId` begins with the id, `$Error[0].CategoryInfo.Category` is the category, and `$Error[0].ErrorDetails.RecommendedAction` says what to do.
        Ids and categories stay the same from version to version; a changed or removed one is a major change. Words in braces stand for what differs from case to case.
        `UnexpectedError` is a mistake in the module.


        """;

    /// <summary>The page.</summary>
    /// <param name="source">The directory of the sources.</param>
    public static string Write(string source)
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var subject in Read(source).GroupBy(e => e.Subject).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            page.Append($"## {subject.Key}\n\n| id | category | message | what to do |\n| --- | --- | --- | --- |\n");
            foreach (var id in subject.GroupBy(e => e.Id).OrderBy(e => e.Key, StringComparer.Ordinal))
                page.Append($"| `{id.Key}` | {Joined(id.Select(e => e.Category))} | {Joined(id.Select(e => e.Message))} | {Joined(id.Select(e => e.Action))} |\n");
            page.Append('\n');
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>Every place that makes an error.</summary>
    public static IReadOnlyList<ErrorEntry> Read(string source) =>
    [
        .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .SelectMany(f => Read(Subject(Path.GetRelativePath(source, f)), File.ReadAllText(f))),
    ];

    /// <summary>The errors that a file makes.</summary>
    public static IEnumerable<ErrorEntry> Read(string subject, string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        var constants = Constant().Matches(code).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["text"].Value);
        foreach (var made in Made().Matches(code).Cast<Match>())
        {
            var arguments = Arguments(code, made.Groups["category"].Index);
            var id = made.Groups["id"].Success ? made.Groups["id"].Value : constants.GetValueOrDefault(made.Groups["named"].Value);
            if (id is null || arguments.Count < 3)
                continue;

            var categories = Category().Matches(arguments[0]).Select(c => c.Groups[1].Value).Distinct();
            yield return new ErrorEntry(subject, id, string.Join(" or ", categories), Text(arguments[1], constants), Text(arguments[2], constants));
        }

        // The profile's reader is told with which id a file is missed, before it looks for it.
        foreach (var file in ProfileFile().Matches(code).Cast<Match>())
            yield return new ErrorEntry(subject, file.Groups["id"].Value, "ObjectNotFound", $"'{file.Groups["key"].Value}' of the profile names {{Path}}, which does not exist.", "Correct the path; relative paths start at the profile's directory.");
    }

    private static string Subject(string path)
    {
        var parts = path.Replace('\\', '/').Split('/');
        return parts[0] == "EtcdDr.Engine" && parts.Length > 2 ? parts[1] : "Cmdlets";
    }

    private static string Joined(IEnumerable<string> texts) => string.Join("<br>", texts.Where(t => t.Length > 0).Distinct()).Replace("|", "\\|", StringComparison.Ordinal);

    // The arguments of a call from a position on, up to the parenthesis that closes it.
    private static List<string> Arguments(string code, int start)
    {
        var found = new List<string>();
        var depth = 0;
        var begin = start;
        for (var i = start; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '"':
                    i = EndOfString(code, i);
                    break;
                case '(' or '[' or '{':
                    depth++;
                    break;
                case ')' or ']' or '}' when depth == 0:
                    found.Add(code[begin..i].Trim());
                    return found;
                case ')' or ']' or '}':
                    depth--;
                    break;
                case ',' when depth == 0:
                    found.Add(code[begin..i].Trim());
                    begin = i + 1;
                    break;
            }
        }

        return found;
    }

    // The closing quote of the string that begins here; strings inside the holes of an interpolated one are passed over.
    private static int EndOfString(string code, int quote)
    {
        var interpolated = quote > 0 && code[quote - 1] == '$';
        for (var i = quote + 1; i < code.Length; i++)
        {
            if (code[i] == '\\')
                i++;
            else if (interpolated && code[i] == '{' && code[i + 1] == '{')
                i++;
            else if (interpolated && code[i] == '{')
                i = EndOfHole(code, i);
            else if (code[i] == '"')
                return i;
        }

        return code.Length - 1;
    }

    private static int EndOfHole(string code, int brace)
    {
        var depth = 0;
        for (var i = brace; i < code.Length; i++)
        {
            if (code[i] == '"')
                i = EndOfString(code, i);
            else if (code[i] == '{')
                depth++;
            else if (code[i] == '}' && --depth == 0)
                return i;
        }

        return code.Length - 1;
    }

    // What an argument says: its literals, with {names} for what is filled in, or a constant's text. What comes from elsewhere differs from case to case.
    private static string Text(string argument, IReadOnlyDictionary<string, string> constants)
    {
        if (!argument.Contains('"', StringComparison.Ordinal))
            return constants.GetValueOrDefault(argument, "Depends on the case.");

        var said = new StringBuilder();
        for (var i = 0; i < argument.Length; i++)
        {
            if (argument[i] != '"')
                continue;

            var end = EndOfString(argument, i);
            said.Append(said.Length > 0 && IsChoice(argument, i) ? " / " : "").Append(Filled(argument[(i + 1)..end]));
            i = end;
        }

        return said.ToString().Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", " ", StringComparison.Ordinal).Trim();
    }

    // Literals that are not joined by '+' are alternatives.
    private static bool IsChoice(string argument, int quote) => argument[..quote].TrimEnd('$', '@', ' ', '\n', '\r') is var before && !before.EndsWith('+');

    private static string Filled(string literal)
    {
        var said = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '{')
            {
                said.Append(literal[i]);
                continue;
            }

            var end = EndOfHole(literal, i);
            said.Append('{').Append(Name().Matches(literal[i..end]).Select(m => m.Value).LastOrDefault(n => n.Length > 1) ?? "value").Append('}');
            i = end;
        }

        return said.ToString();
    }

    [GeneratedRegex(@"(?:""(?<id>[A-Z][A-Za-z0-9]+)""|\b(?<named>[A-Z][A-Za-z]+Id)),\s*(?<category>[^,""();]*EtcdDrErrorCategory\.\w+)")]
    private static partial Regex Made();

    [GeneratedRegex(@"\.Files?\(""(?<key>\w+)"", ""(?<id>[A-Z]\w+)""\)")]
    private static partial Regex ProfileFile();

    [GeneratedRegex(@"EtcdDrErrorCategory\.(\w+)")]
    private static partial Regex Category();

    [GeneratedRegex(@"const string (?<name>\w+) =\s*""(?<text>(?:[^""\\]|\\.)*)"";")]
    private static partial Regex Constant();

    [GeneratedRegex(@"[A-Za-z]\w*")]
    private static partial Regex Name();
}
