using System.Text;

namespace EtcdDr.HelpBuilder;

/// <summary>
/// The catalogue of errors: ids and categories from the places that make them, texts from the <c>Errors.resx</c> of the two projects.
/// Writes <c>docs/errors.md</c>.
/// </summary>
public sealed class ErrorCatalogue
{
    private const string Head = """
        # Errors
        Made by `dotnet run --project tools/EtcdDr.HelpBuilder -- errors src docs/errors.md` from the source and its `Errors.resx`;
        a test holds that it is up to date.

        `$Error[0].FullyQualifiedErrorId` begins with the id, `$Error[0].CategoryInfo.Category` is the category, and
        `$Error[0].ErrorDetails.RecommendedAction` says what to do.
        Ids and categories stay the same from version to version; a changed or removed one is a major change. Words in braces stand
        for what differs from case to case.
        `UnexpectedError` is a mistake in the module. What fills a place of a message, most often its cause, is listed below the tables.


        """;

    private ErrorCatalogue(IReadOnlyList<ErrorEntry> entries, IReadOnlyList<ErrorUse> uses, IReadOnlyList<ErrorTextEntry> texts)
    {
        Entries = entries;
        Uses = uses;
        Texts = texts;
    }

    /// <summary>Every place that makes an error.</summary>
    public IReadOnlyList<ErrorEntry> Entries { get; }

    /// <summary>Every place that takes a text.</summary>
    public IReadOnlyList<ErrorUse> Uses { get; }

    /// <summary>Every text.</summary>
    public IReadOnlyList<ErrorTextEntry> Texts { get; }

    /// <summary>Reads the sources and their texts.</summary>
    /// <param name="source">The directory of the sources.</param>
    public static ErrorCatalogue Read(string source)
    {
        var files = Directory
            .EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => (Subject: Subject(Path.GetRelativePath(source, f)), Code: File.ReadAllText(f)))
            .ToList();
        return new ErrorCatalogue(
            [.. files.SelectMany(f => ErrorSource.Entries(f.Subject, f.Code))],
            [.. files.SelectMany(f => ErrorSource.Uses(f.Subject, f.Code))],
            [
                .. Directory
                    .EnumerateDirectories(source)
                    .Order(StringComparer.Ordinal)
                    .Select(d => Path.Combine(d, "Errors.resx"))
                    .Where(File.Exists)
                    .SelectMany(ErrorTextEntry.Read),
            ]
        );
    }

    /// <summary>The page.</summary>
    public string Write()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var subject in Entries.GroupBy(e => e.Subject).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            page.Append($"## {subject.Key}\n\n| id | category | message | what to do |\n| --- | --- | --- | --- |\n");
            foreach (var id in subject.GroupBy(e => e.Id).OrderBy(e => e.Key, StringComparer.Ordinal))
            {
                var texts = Of(subject.Key, [.. id.Select(e => e.Owner)]);
                var messages = Joined(texts.Where(t => t.IsMessage).Select(t => t.Readable));
                var actions = texts.Where(t => t.IsAction).Select(t => t.Readable).DefaultIfEmpty("What the cause recommends.");
                page.Append($"| `{id.Key}` | {Joined(id.Select(e => e.Category))} | {messages} | {Joined(actions)} |\n");
            }

            page.Append('\n');
        }

        return WriteParts(page).ToString();
    }

    // The texts that a subject takes for an error; all there are where it takes none itself.
    private List<ErrorTextEntry> Of(string subject, string[] owners)
    {
        var all = Texts.Where(t => owners.Contains(t.Owner)).ToList();
        var own = all.Where(t => Uses.Any(u => u.Name == t.Name && u.Subject == subject)).ToList();
        return own.Exists(t => t.IsMessage) ? own : all;
    }

    private StringBuilder WriteParts(StringBuilder page)
    {
        page.Append("## What fills a place\n");
        foreach (var owner in Texts.Where(t => t.IsPart).GroupBy(t => t.Owner).OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            page.Append($"- `{owner.Key}`\n");
            foreach (var part in owner)
                page.Append($"  - {part.Readable.Trim()}\n");
        }

        return page;
    }

    private static string Subject(string path)
    {
        var parts = path.Replace('\\', '/').Split('/');
        return parts[0] == "EtcdDr.Engine" && parts.Length > 2 ? parts[1] : "Cmdlets";
    }

    private static string Joined(IEnumerable<string> texts) =>
        string.Join("<br>", texts.Where(t => t.Length > 0).Distinct()).Replace("|", "\\|", StringComparison.Ordinal);
}
