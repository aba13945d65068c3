namespace EtcdDr.HelpBuilder;

/// <summary>A cmdlet's page, as CONTRIBUTING.md lays it out.</summary>
/// <param name="Name">The cmdlet.</param>
/// <param name="Synopsis">The paragraphs below the title.</param>
/// <param name="Sections">Sections by title.</param>
public sealed record HelpPage(string Name, IReadOnlyList<HelpBlock> Synopsis, IReadOnlyDictionary<string, HelpSection> Sections)
{
    /// <summary>A section; an empty one if the page has none of that title.</summary>
    public HelpSection Section(string title) => Sections.GetValueOrDefault(title) ?? new HelpSection([], []);

    /// <summary>Reads a page.</summary>
    public static HelpPage Parse(string markdown)
    {
        ArgumentNullException.ThrowIfNull(markdown);
        var titles = Split(markdown.ReplaceLineEndings("\n").Split('\n'), "# ");
        var title = titles.FirstOrDefault(t => t.Title.Length > 0) ?? throw new FormatException("A help page begins with '# <Cmdlet>'.");
        var sections = Split(title.Lines, "## ");
        return new HelpPage(
            title.Title,
            HelpBlock.Parse(sections[0].Lines),
            sections.Skip(1).ToDictionary(s => s.Title, Section, StringComparer.OrdinalIgnoreCase)
        );
    }

    private static HelpSection Section(Part part)
    {
        var items = Split(part.Lines, "### ");
        return new HelpSection(
            HelpBlock.Parse(items[0].Lines),
            [.. items.Skip(1).Select(i => new HelpItem(HelpBlock.Plain(i.Title), HelpBlock.Parse(i.Lines)))]
        );
    }

    // The first part is what stands before the first heading. Headings inside code fences are code.
    private static List<Part> Split(IReadOnlyList<string> lines, string mark)
    {
        var parts = new List<Part> { new("", []) };
        var fenced = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                fenced = !fenced;

            if (!fenced && line.StartsWith(mark, StringComparison.Ordinal))
                parts.Add(new Part(line[mark.Length..].Trim(), []));
            else
                parts[^1].Lines.Add(line);
        }

        return parts;
    }

    private sealed record Part(string Title, List<string> Lines);
}
