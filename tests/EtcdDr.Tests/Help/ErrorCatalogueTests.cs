using System.Globalization;
using System.Text.RegularExpressions;
using EtcdDr.HelpBuilder;

namespace EtcdDr.Tests.Help;

public sealed partial class ErrorCatalogueTests
{
    // Several errors share these causes and places.
    private static readonly string[] SharedParts = ["Place", "SshAgent", "Tls", "Yaml"];

    // The file of which key is missing decides about the id.
    private static readonly string[] SharedMessages = ["ProfileFileNotFound"];

    // What to do about it is what its cause says.
    private static readonly string[] WithoutAction = ["RestoreStepFailed"];

    private static readonly string Source = Path.Combine(Repository.Root, "src");
    private static readonly ErrorCatalogue Catalogue = ErrorCatalogue.Read(Source);

    [Fact]
    public void The_page_of_errors_is_what_the_source_says()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md"));

        Assert.True(
            page == Catalogue.Write(),
            "docs/errors.md is out of date: dotnet run --project tools/EtcdDr.HelpBuilder -- errors src docs/errors.md"
        );
    }

    [Fact]
    public void Every_error_has_an_id_a_category_a_message_and_an_action()
    {
        Assert.True(Catalogue.Entries.Count > 100);
        Assert.All(Catalogue.Entries, e => Assert.NotEmpty(e.Category));
        Assert.Empty(Catalogue.Entries.Where(e => !Catalogue.Texts.Any(t => t.Owner == e.Owner && t.IsMessage)).Select(e => e.Id));
        Assert.Equal(
            WithoutAction,
            Catalogue.Entries.Where(e => !Catalogue.Texts.Any(t => t.Owner == e.Owner && t.IsAction)).Select(e => e.Id)
        );
    }

    [Fact]
    public void No_error_says_words_that_are_not_in_the_resx()
    {
        Assert.Empty(Catalogue.Entries.Where(e => e.Words.Length > 0).Select(e => $"{e.Id}: {e.Words}"));
    }

    [Fact]
    public void Every_text_belongs_to_an_error_and_is_taken_somewhere()
    {
        var ids = Catalogue.Entries.Select(e => e.Id).Append("UnexpectedError").Concat(SharedMessages).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(
            Catalogue.Texts.Where(t => !ids.Contains(t.Owner) && !(t.IsPart && SharedParts.Contains(t.Owner))).Select(t => t.Name)
        );
        Assert.Empty(Catalogue.Texts.Select(t => t.Name).Except(Catalogue.Uses.Select(u => u.Name)));
    }

    [Fact]
    public void Every_text_that_is_taken_exists_and_gets_as_many_values_as_it_has_places()
    {
        var places = Catalogue.Texts.ToDictionary(t => t.Name, t => t.Places.Count, StringComparer.Ordinal);
        var wrong = Catalogue.Uses.Where(u => !places.TryGetValue(u.Name, out var count) || (u.Values ?? 0) != count);

        Assert.Empty(wrong);
    }

    [Fact]
    public void Places_are_numbered_without_gaps_and_named_in_the_comment()
    {
        Assert.All(
            Catalogue.Texts,
            text =>
            {
                Assert.Equal(Enumerable.Range(0, text.Places.Count), text.Places);
                Assert.Equal(text.Places, text.Names.Select(n => n.Number));
                Assert.Equal(text.Comment, string.Join("; ", text.Names.Select(n => $"{{{n.Number}}} {n.Name}")));
            }
        );
    }

    [Fact]
    public void Every_text_can_be_filled()
    {
        Assert.All(
            Catalogue.Texts,
            text => Assert.NotEmpty(string.Format(CultureInfo.InvariantCulture, text.Text, [.. text.Places.Select(_ => "value")]))
        );
    }

    [Fact]
    public void What_to_do_is_a_sentence()
    {
        Assert.Empty(Catalogue.Texts.Where(t => t.IsAction && !Sentence().IsMatch(t.Text)).Select(t => $"{t.Name}: {t.Text}"));
    }

    [Theory]
    [InlineData("EtcdDr")]
    [InlineData("EtcdDr.Engine")]
    public void Texts_are_sorted_by_name(string project)
    {
        var names = ErrorTextEntry.Read(Path.Combine(Source, project, "Errors.resx")).Select(t => t.Name).ToList();

        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void A_text_reads_with_the_names_of_its_places()
    {
        var text = new ErrorTextEntry(
            "ThingBroken_Late",
            "Thing {0} took {1:F0} seconds, {{not}} {0}.",
            "{0} name of the thing; {1} seconds"
        );

        Assert.Equal("Thing {name of the thing} took {seconds} seconds, {not} {name of the thing}.", text.Readable);
        Assert.Equal([0, 1], text.Places);
    }

    [Fact]
    public void Errors_and_the_texts_they_take_are_found_in_code()
    {
        const string code = """
            private const string ThingId = "ThingLost";
            throw new EtcdDrException(
                "ThingBroken",
                late ? EtcdDrErrorCategory.OperationTimeout : EtcdDrErrorCategory.InvalidData,
                Errors.ThingBroken.With(string.Join(", ", thing.Names), $"{host}, {port}"),
                few ? Errors.ThingBroken_Action : Errors.ThingBroken_Many_Action,
                host);
            throw new EtcdDrException(ThingId, EtcdDrErrorCategory.ObjectNotFound, $"{thing} of {host} is lost.", Errors.ThingLost_Action);
            """;

        Assert.Equal(
            [
                new ErrorEntry("Things", "ThingBroken", "OperationTimeout or InvalidData", "ThingBroken", ""),
                new ErrorEntry("Things", "ThingLost", "ObjectNotFound", "ThingLost", "of  is lost."),
            ],
            ErrorSource.Entries("Things", code)
        );
        Assert.Equal(
            [
                new("Things", "ThingBroken", 2),
                new("Things", "ThingBroken_Action", null),
                new("Things", "ThingBroken_Many_Action", null),
                new("Things", "ThingLost_Action", null),
            ],
            ErrorSource.Uses("Things", code)
        );
    }

    [GeneratedRegex(@"(?:[.!?:]['""]?|\{\d\}|\(\))$")]
    private static partial Regex Sentence();
}
