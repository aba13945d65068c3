using System.Text.RegularExpressions;
using EtcdDr.HelpBuilder;

namespace EtcdDr.Tests.Help;

public sealed partial class ErrorCatalogueTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    [Fact]
    public void The_page_of_errors_is_what_the_source_says()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md"));

        Assert.True(
            page == ErrorCatalogue.Write(Source),
            "docs/errors.md is out of date: dotnet run --project tools/EtcdDr.HelpBuilder -- errors src docs/errors.md");
    }

    [Fact]
    public void Every_error_has_an_id_a_category_a_message_and_an_action()
    {
        var entries = ErrorCatalogue.Read(Source);

        Assert.True(entries.Count > 100);
        Assert.All(entries, e => Assert.NotEmpty(e.Category));
        Assert.All(entries, e => Assert.NotEmpty(e.Message));
        Assert.All(entries, e => Assert.NotEmpty(e.Action));
    }

    [Fact]
    public void Sentences_end_with_a_full_stop()
    {
        var open = ErrorCatalogue.Read(Source).Where(e => !End().IsMatch(e.Action)).Select(e => $"{e.Id}: {e.Action}");

        Assert.Empty(open);
    }

    [Fact]
    public void An_entry_is_read_with_names_for_what_is_filled_in_and_both_sides_of_a_choice()
    {
        const string code =
            """
            private const string Hint = "Do it again.";
            throw new EtcdDrException(
                "ThingBroken",
                late ? EtcdDrErrorCategory.OperationTimeout : EtcdDrErrorCategory.InvalidData,
                $"The thing {string.Join(", ", thing.Names)} of {host}, which {(x ? "a" : "b")} " + "is broken.",
                few ? "Mend it." : Hint,
                host);
            """;

        var entry = Assert.Single(ErrorCatalogue.Read("Things", code));

        Assert.Equal(new ErrorEntry("Things", "ThingBroken", "OperationTimeout or InvalidData", "The thing {Names} of {host}, which {value} is broken.", "Mend it."), entry);
    }

    [GeneratedRegex(@"[.!?:}]['""]?$")]
    private static partial Regex End();
}
