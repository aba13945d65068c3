using EtcdDr.HelpBuilder;

namespace EtcdDr.Tests.Help;

public sealed class AboutPageTests
{
    [Fact]
    public void It_looks_as_PowerShells_own()
    {
        const string page = """
            # about_Thing

            ## Short description
            What `things` are, see [Get-Thing](Get-Thing.md).

            ## Long description
            A paragraph whose lines are as long as the source likes them, which is longer than a console of 80 columns shows.

            - one item that is long enough to be continued below itself and not below its own mark
            - two

            ### Details
            ```powershell
            Get-Thing |
                Format-List
            ```

            | name | meaning |
            | --- | --- |
            | `a` | the first |
            | bcd | the second, of which there is so much to say that it does not fit into what is left of the line |
            """;

        Assert.Equal(
            """
            TOPIC
                about_Thing

            SHORT DESCRIPTION
                What things are, see Get-Thing.

            LONG DESCRIPTION
                A paragraph whose lines are as long as the source likes them, which is
                longer than a console of 80 columns shows.

                - one item that is long enough to be continued below itself and not below
                  its own mark
                - two

              Details
                    Get-Thing |
                        Format-List

                name  meaning
                a     the first
                bcd   the second, of which there is so much to say that it does not fit into
                      what is left of the line

            """.ReplaceLineEndings("\n"),
            AboutPage.Write("about_Thing", page)
        );
    }

    [Fact]
    public void No_text_of_ours_is_wider_than_80_columns()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(Repository.Root, "docs", "en-US"), "about_*.md"))
        {
            var text = AboutPage.Write(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path));

            // Code and the last column of wide tables are as they are.
            Assert.DoesNotContain(
                text.Split('\n'),
                l => l.Length > 80 && !l.StartsWith("        ", StringComparison.Ordinal) && !l.Contains("  ", StringComparison.Ordinal)
            );
        }
    }
}
