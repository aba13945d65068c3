using System.Text.RegularExpressions;

namespace EtcdDr.HelpBuilder;

/// <summary>A paragraph, a list entry, or a piece of code.</summary>
/// <param name="Text">Its text, without Markdown's marks.</param>
/// <param name="IsCode">Whether it stood in a code fence.</param>
public sealed partial record HelpBlock(string Text, bool IsCode)
{
    /// <summary>Whether the fence says <c>runnable</c>: the tests run such an example on the lab.</summary>
    public bool IsRunnable { get; init; }

    /// <summary>Reads paragraphs, lists and code.</summary>
    public static IReadOnlyList<HelpBlock> Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var blocks = new List<HelpBlock>();
        var text = new List<string>();
        var fenced = false;
        var runnable = false;
        foreach (var line in lines)
        {
            var fence = line.StartsWith("```", StringComparison.Ordinal);
            if (fence || (!fenced && (line.Trim().Length == 0 || line.StartsWith("- ", StringComparison.Ordinal))))
                Flush(blocks, text, fenced, runnable);
            if (fence)
                (fenced, runnable) = (!fenced, line.EndsWith(" runnable", StringComparison.Ordinal));
            else if (fenced || line.Trim().Length > 0)
                text.Add(line);
        }

        Flush(blocks, text, fenced, runnable);
        return blocks;
    }

    /// <summary>Text without code marks and link targets.</summary>
    public static string Plain(string markdown) =>
        Emphasis().Replace(Link().Replace(markdown, "$1"), "$1").Replace("`", "", StringComparison.Ordinal);

    private static void Flush(List<HelpBlock> blocks, List<string> text, bool isCode, bool isRunnable)
    {
        if (text.Count > 0)
            blocks.Add(
                new HelpBlock(isCode ? string.Join('\n', text) : Plain(string.Join(' ', text.Select(l => l.Trim()))), isCode)
                {
                    IsRunnable = isCode && isRunnable,
                }
            );
        text.Clear();
    }

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\*\*([^*]+)\*\*")]
    private static partial Regex Emphasis();
}
