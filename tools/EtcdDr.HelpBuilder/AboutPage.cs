using System.Text;
using System.Text.RegularExpressions;

namespace EtcdDr.HelpBuilder;

/// <summary>
/// Writes an about page as PowerShell's own look: TOPIC, then the headings in capitals, text below them indented by four and wrapped at 80
/// columns, code indented further, tables in columns.
/// </summary>
public static partial class AboutPage
{
    private const int Width = 80;
    private const string Indent = "    ";
    private const string Fence = "```";

    /// <summary>The text of <c>about_Topic.help.txt</c>.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="markdown">The page.</param>
    public static string Write(string topic, string markdown)
    {
        var text = new StringBuilder($"TOPIC\n{Indent}{topic}\n");
        var lines = new Queue<string>(
            markdown.ReplaceLineEndings("\n").Split('\n').SkipWhile(l => l.StartsWith("# ", StringComparison.Ordinal) || l.Length == 0)
        );
        var below = false;
        while (lines.TryPeek(out var line))
        {
            // Text stands directly below its heading.
            text.Append(below ? "" : "\n").Append(Block(line, lines));
            below = line.StartsWith("##", StringComparison.Ordinal);
            while (lines.TryPeek(out var empty) && empty.Length == 0)
            {
                lines.Dequeue();
            }
        }

        return text.ToString();
    }

    private static string Block(string line, Queue<string> lines)
    {
        if (line.StartsWith("## ", StringComparison.Ordinal))
        {
            return Plain(lines.Dequeue()[3..]).ToUpperInvariant() + "\n";
        }

        if (line.StartsWith("### ", StringComparison.Ordinal))
        {
            return $"  {Plain(lines.Dequeue()[4..])}\n";
        }

        if (line.StartsWith(Fence, StringComparison.Ordinal))
        {
            lines.Dequeue();
            var code = string.Concat(
                Take(lines, l => !l.StartsWith(Fence, StringComparison.Ordinal)).Select(l => $"{Indent}{Indent}{l}".TrimEnd() + "\n")
            );
            _ = lines.TryDequeue(out _);
            return code;
        }

        if (line.StartsWith('|'))
        {
            return Table([.. Take(lines, l => l.StartsWith('|'))]);
        }

        return string.Concat(
            Items(Take(lines, l => l.Length > 0 && l[0] is not ('#' or '|') && !l.StartsWith(Fence, StringComparison.Ordinal))).Select(Wrap)
        );
    }

    private static IEnumerable<string> Take(Queue<string> lines, Func<string, bool> belongs)
    {
        while (lines.TryPeek(out var line) && belongs(line))
        {
            yield return lines.Dequeue();
        }
    }

    /// <summary>A paragraph is one item; each item of a list is one of its own.</summary>
    private static IEnumerable<string> Items(IEnumerable<string> lines)
    {
        string? item = null;
        foreach (var line in lines)
        {
            if (item is not null && !Mark().IsMatch(line))
            {
                item += " " + line.Trim();
                continue;
            }

            if (item is not null)
            {
                yield return item;
            }

            item = line;
        }

        if (item is not null)
        {
            yield return item;
        }
    }

    private static string Wrap(string item)
    {
        var mark = Mark().Match(item).Value;
        var first = Indent + mark;
        var next = new string(' ', first.Length);
        var text = new StringBuilder();
        var line = first;
        foreach (var word in Plain(item[mark.Length..]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > first.Length && line.Length + word.Length > Width)
            {
                text.Append(line.TrimEnd()).Append('\n');
                line = next;
            }

            line += word + " ";
        }

        return text.Append(line.TrimEnd()).Append('\n').ToString();
    }

    // The last column takes what is left of the line and is wrapped within it.
    private static string Table(IReadOnlyList<string> lines)
    {
        var rows = lines
            .Where(l => !Ruler().IsMatch(l))
            .Select(l => l.Trim('|', ' ').Split(" | ").Select(c => Plain(c.Trim())).ToArray())
            .ToList();
        var widths = Enumerable.Range(0, rows[0].Length - 1).Select(i => rows.Max(r => r[i].Length) + 2).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var line = Indent + string.Concat(row.SkipLast(1).Select((cell, i) => cell.PadRight(widths[i])));
            var left = new string(' ', line.Length);
            var start = line.Length;
            foreach (var word in row[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > start && line.Length + word.Length > Math.Max(Width, start + 30))
                {
                    text.Append(line.TrimEnd()).Append('\n');
                    line = left;
                }

                line += word + " ";
            }

            text.Append(line.TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static string Plain(string text) =>
        Link().Replace(text, "$1").Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\A\s*(?:- |\d+\. )")]
    private static partial Regex Mark();

    [GeneratedRegex(@"\A[|\s:-]+\z")]
    private static partial Regex Ruler();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
