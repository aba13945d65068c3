using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace EtcdDr.Tests.Scripts;

/// <summary>The Pester files, run by Pester in pwsh, and held to what both Pester 5 and 6 take.</summary>
public sealed partial class PesterFileTests(PesterRun run) : IClassFixture<PesterRun>
{
    private static readonly string Directory = Path.Combine(Repository.Root, "tests");

    /// <summary>What Pester 6 took away or refuses, and what a file must not rely on.</summary>
    private static readonly string[] Gone =
    [
        "Assert-MockCalled",
        "Assert-VerifiableMock",
        "Assert-VerifiableMocks",
        "Set-TestInconclusive",
        "Mock",
    ];

    public static TheoryData<string> Files => [.. System.IO.Directory.GetFiles(Directory, "*.Tests.ps1").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_test_that_needs_no_lab_passes(string file)
    {
        Assert.True(run.Counts.TryGetValue(file, out var count), run.Output);
        Assert.True(count.Failed == 0, run.Output);
        Assert.True(file == "Lab.Tests.ps1" || count.Passed > 0, run.Output);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_uses_what_Pester_5_and_6_have_alike(string file)
    {
        var script = Parser.ParseFile(Path.Combine(Directory, file), out _, out var errors);
        var commands = script.FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().ToList();

        Assert.Empty(errors);
        Assert.Empty(commands.Select(c => c.GetCommandName()).Intersect(Gone));
        Assert.DoesNotContain(commands, c => c.CommandElements.OfType<CommandParameterAst>().Any(p => p.ParameterName == "Pending"));

        // Pester runs a block's own statements during discovery only, where nothing is set up yet.
        var blocks = commands
            .Where(c => c.GetCommandName() is "Describe" or "Context")
            .Select(c => c.CommandElements.OfType<ScriptBlockExpressionAst>().Last());
        Assert.All(blocks.SelectMany(b => b.ScriptBlock.EndBlock.Statements), s => Assert.Matches(Setup(), s.Extent.Text));
        Assert.All(
            blocks,
            b =>
                Assert.True(
                    b.ScriptBlock.EndBlock.Statements.Count(s => s.Extent.Text.StartsWith("BeforeAll", StringComparison.Ordinal)) <= 1
                )
        );
    }

    [GeneratedRegex("^(It|Context|Describe|BeforeAll) ")]
    private static partial Regex Setup();
}
