using System.Management.Automation;
using EtcdDr.HelpBuilder;
using EtcdDr.Tests.Commands;

namespace EtcdDr.Tests.Help;

public sealed class HelpBuilderTests
{
    private const string Page = """
        # Invoke-Work
        Does the test's work.

        ## Description
        First paragraph with `code` and a [link](x.md),
        on two lines.

        - an entry
        - another one

        ## Parameters
        ### -Work
        The work.

        ## Outputs
        ### System.Object
        What the work emits.

        ## Examples
        ### Nothing at all
        ```powershell
        # a comment, no heading
        Invoke-Work -Work $work
        ```
        Nothing comes of it.
        """;

    [Fact]
    public void A_page_is_read_into_its_sections()
    {
        var page = HelpPage.Parse(Page);

        Assert.Equal("Invoke-Work", page.Name);
        Assert.Equal(["Does the test's work."], page.Synopsis.Select(b => b.Text));
        Assert.Equal(
            ["First paragraph with code and a link, on two lines.", "- an entry", "- another one"],
            page.Section("Description").Blocks.Select(b => b.Text)
        );
        var example = Assert.Single(page.Section("Examples").Items);
        Assert.Equal("# a comment, no heading\nInvoke-Work -Work $work", Assert.Single(example.Blocks, b => b.IsCode).Text);
        Assert.Empty(page.Section("Notes").Blocks);
    }

    [Fact]
    public void Help_holds_what_the_page_says_and_what_the_cmdlet_says_of_itself()
    {
        var cmdlet = new CmdletInfo("Invoke-Work", typeof(InvokeWorkCommand));

        var maml = MamlWriter.Write([(cmdlet, HelpPage.Parse(Page))], "https://example.org/etcddr").ToString();

        Assert.Contains(
            "<command:parameter required=\"true\" variableLength=\"false\" globbing=\"false\" pipelineInput=\"False\" position=\"named\"",
            maml,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<maml:uri>https://example.org/etcddr/blob/main/docs/en-US/Invoke-Work.md</maml:uri>",
            maml,
            StringComparison.Ordinal
        );
        Assert.Contains("<maml:title>Example 1: Nothing at all</maml:title>", maml, StringComparison.Ordinal);
    }
}
