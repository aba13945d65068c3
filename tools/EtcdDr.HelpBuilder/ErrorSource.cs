using System.Text;
using System.Text.RegularExpressions;

namespace EtcdDr.HelpBuilder;

/// <summary>
/// Finds errors in C#: every <c>EtcdDrException</c> is given a literal ErrorId, its category, its message and what to do, in this order,
/// the texts as <c>Errors.Name</c> or <c>Errors.Name.With(values)</c>.
/// </summary>
public static partial class ErrorSource
{
    // A file that the profile names: its reader is told with which id it is missed, before it looks for it.
    private const string ProfileFileOwner = "ProfileFileNotFound";

    /// <summary>The errors that a file makes.</summary>
    public static IEnumerable<ErrorEntry> Entries(string subject, string code)
    {
        var constants = Constant().Matches(code).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["text"].Value);
        foreach (var made in Made().Matches(code).Cast<Match>())
        {
            var arguments = Arguments(code, made.Groups["category"].Index);
            var id = made.Groups["id"].Success ? made.Groups["id"].Value : constants.GetValueOrDefault(made.Groups["named"].Value);
            if (id is null || arguments.Count < 3)
                continue;

            var categories = Category()
                .Matches(arguments[0])
                .Select(c => c.Groups["name"].Success ? c.Groups["name"].Value : "the cause's")
                .Distinct();
            yield return new ErrorEntry(
                subject,
                id,
                string.Join(" or ", categories),
                id,
                $"{Words(arguments[1])} {Words(arguments[2])}".Trim()
            );
        }

        foreach (var file in ProfileFile().Matches(code).Cast<Match>())
            yield return new ErrorEntry(subject, file.Groups["id"].Value, "ObjectNotFound", ProfileFileOwner, "");
    }

    /// <summary>The texts that a file takes.</summary>
    public static IEnumerable<ErrorUse> Uses(string subject, string code) =>
        Taken()
            .Matches(code)
            .Select(taken => new ErrorUse(
                subject,
                taken.Groups["name"].Value,
                taken.Groups["with"].Success ? Arguments(code, taken.Index + taken.Length).Count : null
            ));

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

    // What the literals of an argument say; separators and the like say nothing.
    private static string Words(string argument)
    {
        var said = new StringBuilder();
        for (var i = 0; i < argument.Length; i++)
        {
            if (argument[i] != '"')
                continue;

            var end = EndOfString(argument, i);
            said.Append(Outside(argument[(i + 1)..end])).Append(' ');
            i = end;
        }

        return Word().IsMatch(said.ToString()) ? said.ToString().Trim() : "";
    }

    private static string Outside(string literal)
    {
        var said = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] == '{')
                i = EndOfHole(literal, i);
            else
                said.Append(literal[i]);
        }

        return said.ToString();
    }

    [GeneratedRegex(
        @"(?:""(?<id>[A-Z][A-Za-z0-9]+)""|\b(?<named>[A-Z][A-Za-z]+Id)),\s*(?<category>[^,""();]*(?:EtcdDrErrorCategory\.\w+|\.Category\b))"
    )]
    private static partial Regex Made();

    [GeneratedRegex(@"\.File\((?:""\w+""|\w+), (?:\w+, )?""(?<id>[A-Z]\w+)""\)")]
    private static partial Regex ProfileFile();

    [GeneratedRegex(@"(?<![\w.])Errors\.(?<name>[A-Z][A-Za-z0-9]*(?:_\w+)?)\b(?<with>\.With\()?")]
    private static partial Regex Taken();

    [GeneratedRegex(@"EtcdDrErrorCategory\.(?<name>\w+)|\.Category\b")]
    private static partial Regex Category();

    [GeneratedRegex(@"const string (?<name>\w+) =\s*""(?<text>(?:[^""\\]|\\.)*)"";")]
    private static partial Regex Constant();

    [GeneratedRegex(@"[A-Za-z]{2}")]
    private static partial Regex Word();
}
