using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using EtcdDr.Tests.Scripts;
using YamlDotNet.RepresentationModel;

namespace EtcdDr.Tests.Examples;

/// <summary>docs/examples: that it can be read by what reads it, and that it names nothing that there is not.</summary>
public sealed partial class ExampleFilesTests
{
    private static readonly string Directory = Path.Combine(Repository.Root, "docs", "examples");

    public static TheoryData<string> Scripts => [.. Files("*.ps1")];

    public static TheoryData<string> YamlFiles => [.. Files("*.y*ml")];

    public static TheoryData<string> Callers =>
        [.. Files("*").Where(f => !f.EndsWith(".ps1", StringComparison.Ordinal) && Read(f).Contains(".ps1", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Scripts_parse_and_use_cmdlets_and_parameters_that_there_are(string file) => Assert.Empty(CmdletCalls.Faults(Read(file)));

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void YAML_parses(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Read(file)));

        Assert.NotEmpty(stream.Documents);
        Assert.All(stream.Documents, document => Assert.IsType<YamlMappingNode>(document.RootNode));
    }

    [Fact]
    public void PowerShell_in_the_Jenkinsfile_parses()
    {
        var scripts = JenkinsScript().Matches(Read("Jenkinsfile")).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(2, scripts.Count);
        Assert.Empty(scripts.SelectMany(CmdletCalls.Faults));
    }

    // "... nightly-backup.ps1 -Path x -Destination y", in whatever form: a command line, a folded text, a list.
    [Theory]
    [MemberData(nameof(Callers))]
    public void What_runs_a_script_gives_it_parameters_that_it_has_and_those_that_it_must_have(string file)
    {
        foreach (Match call in ScriptCall().Matches(Comment().Replace(Read(file), "")))
        {
            var parameters = Parameters(call.Groups[1].Value);
            var given = ParameterName().Matches(call.Groups[2].Value).Select(m => m.Groups[1].Value).ToList();

            Assert.Subset(parameters.Keys.ToHashSet(), given.ToHashSet());
            Assert.Subset(given.ToHashSet(), parameters.Where(p => p.Value).Select(p => p.Key).ToHashSet());
        }
    }

    private static IEnumerable<string> Files(string pattern) =>
        System.IO.Directory.GetFiles(Directory, pattern).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private static string Read(string file) => File.ReadAllText(Path.Combine(Directory, file));

    /// <summary>Parameters of a script, and whether each must be given.</summary>
    private static Dictionary<string, bool> Parameters(string script) =>
        Parser
            .ParseInput(Read(script), out _, out _)
            .ParamBlock.Parameters.ToDictionary(
                p => p.Name.VariablePath.UserPath,
                p => p.Attributes.OfType<AttributeAst>().Any(a => a.NamedArguments.Any(n => n.ArgumentName == "Mandatory"))
            );

    [GeneratedRegex("pwsh '''(.*?)'''", RegexOptions.Singleline)]
    private static partial Regex JenkinsScript();

    [GeneratedRegex(
        @"((?:nightly-backup|weekly-check)\.ps1)(.*?)(?=\bTimeoutStart|errorActionPreference|'''|env:|\z)",
        RegexOptions.Singleline
    )]
    private static partial Regex ScriptCall();

    [GeneratedRegex(@"(?<=[\s\[,])-([A-Z][A-Za-z]+)")]
    private static partial Regex ParameterName();

    [GeneratedRegex("^ *(#|//).*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
