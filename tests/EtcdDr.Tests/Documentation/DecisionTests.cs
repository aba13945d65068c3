using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdDr.Tests.Documentation;

/// <summary>One decision a file, each with a number of its own, all in the list.</summary>
public sealed partial class DecisionTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "decisions");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.md").Select(f => Path.GetFileName(f)!).Where(f => f != "README.md")];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_decision_begins_with_the_number_and_the_title_that_its_file_is_named_for(string file)
    {
        var title = Title().Match(File.ReadLines(Path.Combine(Folder, file)).First());

        Assert.True(title.Success, $"{file} does not begin with '# N. Title'.");
        var number = int.Parse(title.Groups["number"].Value, CultureInfo.InvariantCulture);
        var plain = title.Groups["title"].Value.ToLowerInvariant().Replace("'", "", StringComparison.Ordinal);
        Assert.Equal($"{number:0000}-{NotPlain().Replace(plain, "-").Trim('-')}.md", file);
    }

    [Fact]
    public void The_list_names_every_decision_once()
    {
        var listed = File.ReadLines(Path.Combine(Folder, "README.md"))
            .Select(l => Row().Match(l))
            .Where(r => r.Success)
            .OrderBy(r => r.Groups["file"].Value, StringComparer.Ordinal)
            .ToList();
        var files = Directory.GetFiles(Folder, "0*.md").Order(StringComparer.Ordinal).ToList();

        Assert.Equal(files.Select(f => Path.GetFileName(f)), listed.Select(r => r.Groups["file"].Value));
        Assert.Equal(files.Select(f => File.ReadLines(f).First()), listed.Select(r => $"# {r.Groups["number"]}. {r.Groups["title"]}"));
        Assert.Equal(listed.Count, listed.Select(r => r.Groups["number"].Value).Distinct().Count());
    }

    [GeneratedRegex(@"^# (?<number>\d+)\. (?<title>.+)$")]
    private static partial Regex Title();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotPlain();

    [GeneratedRegex(@"^\| (?<number>\d+) \| \[(?<title>.+)\]\((?<file>[^)]+)\) \|$")]
    private static partial Regex Row();
}
