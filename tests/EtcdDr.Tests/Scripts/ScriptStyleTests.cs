using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Security;
using EtcdDr.Commands;

namespace EtcdDr.Tests.Scripts;

/// <summary>Every script of the repository and every example of its documentation is written as the analyzer asks.</summary>
public sealed class ScriptStyleTests
{
    private static readonly string[] Left = ["bin", "obj", "out", "artifacts", ".git", "TestResults"];

    public static TheoryData<string> Scripts => [.. Files(Repository.Root, ".ps1", ".psm1", ".psd1").Select(Relative)];

    public static TheoryData<string> Pages => [.. Files(Repository.Root, ".md").Where(p => Examples(p).Any()).Select(Relative)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_follows_the_rules(string path)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, path));

        Assert.Empty(ScriptRules.Findings(text));
        Assert.True(text.All(char.IsAscii), "Windows PowerShell reads a script without a byte order mark in the system's code page.");
        Assert.All(text.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void An_example_follows_the_rules_and_calls_cmdlets_and_parameters_that_there_are(string path) =>
        Assert.Empty(
            Examples(Path.Combine(Repository.Root, path))
                .SelectMany(e => ScriptRules.Findings(e, isExample: true).Concat(CmdletCalls.Faults(e)).Select(f => $"{f} in\n{e}"))
        );

    [Fact]
    public void Exports_of_the_manifest_are_named_one_by_one()
    {
        var script = Parser.ParseFile(Path.Combine(Repository.Root, "EtcdDr.psd1"), out _, out _);
        var table = (HashtableAst)script.Find(a => a is HashtableAst, searchNestedScriptBlocks: false)!;
        var exports = table.KeyValuePairs.Where(p => p.Item1.Extent.Text.EndsWith("ToExport", StringComparison.Ordinal)).ToList();

        Assert.Equal(4, exports.Count);
        Assert.All(exports, e => Assert.DoesNotContain('*', e.Item2.Extent.Text));
    }

    [Fact]
    public void No_cmdlet_takes_a_secret_as_plain_text()
    {
        var secrets = typeof(EtcdDrCmdlet)
            .Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Cmdlet)))
            .SelectMany(t => t.GetProperties())
            .Where(p => p.IsDefined(typeof(ParameterAttribute)))
            .Where(p =>
                p.Name.Contains("Password", StringComparison.Ordinal)
                || p.Name.Contains("Passphrase", StringComparison.Ordinal)
                || p.Name.Contains("Credential", StringComparison.Ordinal)
            )
            .ToList();

        Assert.NotEmpty(secrets);
        Assert.All(secrets, p => Assert.Contains(p.PropertyType, (Type[])[typeof(SecureString), typeof(PSCredential)]));
    }

    [Theory]
    [InlineData("gci /tmp", "gci is an alias")]
    [InlineData("Write-Host 'x'", "Write-Host must not be used")]
    [InlineData("Copy-Item a b c", "Copy-Item has three or more values without the name of a parameter")]
    [InlineData("function Frob-Thing { }", "Frob is no approved verb")]
    [InlineData("function Remove-Thing { }", "Remove-Thing changes something and has no SupportsShouldProcess")]
    [InlineData("param([string] $Password) $Password", "$Password takes a secret as plain text")]
    [InlineData("try { Get-Date } catch { }", "an empty catch hides failures")]
    [InlineData("$x = 1", "$x is assigned and never read")]
    [InlineData("param([object[]] $ForEach) $ForEach", "$ForEach is a variable of PowerShell's own")]
    [InlineData("param([string] $Name) function Get-Name { $Name }", "$Name is a parameter that nothing reads")]
    [InlineData("if (Get-Date) {", "Missing closing '}' in statement block or type definition.")]
    public void A_broken_rule_is_found(string script, string finding) => Assert.Equal([$"line 1: {finding}"], ScriptRules.Findings(script));

    [Fact]
    public void A_script_that_keeps_the_rules_has_no_findings() =>
        Assert.Empty(
            ScriptRules.Findings(
                "function Remove-Thing { [CmdletBinding(SupportsShouldProcess)] param([securestring] $Password) if ($null -ne "
                    + "$Password) { $x = 1; $x } }"
            )
        );

    private static IEnumerable<string> Files(string directory, params string[] extensions) =>
        [
            .. Directory.EnumerateFiles(directory).Where(f => extensions.Contains(Path.GetExtension(f))),
            .. Directory
                .EnumerateDirectories(directory)
                .Where(d => !Left.Contains(Path.GetFileName(d)))
                .SelectMany(d => Files(d, extensions)),
        ];

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path);

    private static IEnumerable<string> Examples(string page)
    {
        List<string>? open = null;
        foreach (var line in File.ReadLines(page))
        {
            if (open is null && line.TrimStart().StartsWith("```powershell", StringComparison.Ordinal))
            {
                open = [];
            }
            else if (open is not null && line.Trim() == "```")
            {
                yield return string.Join('\n', open);
                open = null;
            }
            else
            {
                open?.Add(line);
            }
        }
    }
}
