using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Xml.Linq;
using EtcdDr.Commands;
using EtcdDr.HelpBuilder;

namespace EtcdDr.Tests.Module;

/// <summary>Manifest, cmdlets, views and help pages agree.</summary>
public sealed class ModuleSurfaceTests
{
    private static readonly HashSet<string> Common = [.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters];

    [Fact]
    public void The_manifest_exports_the_cmdlets_of_the_assembly_and_nothing_else()
    {
        Assert.Equal(CmdletTypes().Select(Name).Order(StringComparer.Ordinal), Manifest("CmdletsToExport"));
    }

    [Fact]
    public void Every_view_file_is_in_the_manifest()
    {
        var files = Directory
            .GetFiles(Path.Combine(Repository.Root, "src", "EtcdDr", "Formats"))
            .Select(f => "Formats/" + Path.GetFileName(f));

        Assert.Equal(files.Order(StringComparer.Ordinal), Manifest("FormatsToProcess").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_manifest_and_the_assemblies_have_one_version()
    {
        var version = typeof(EtcdDrCmdlet).Assembly.GetName().Version!;

        Assert.Equal([version.ToString(3)], Manifest("ModuleVersion"));
    }

    [Fact]
    public void Every_help_page_is_about_a_cmdlet_or_a_topic()
    {
        var pages = Directory
            .GetFiles(Path.Combine(Repository.Root, "docs", "en-US"), "*.md")
            .Select(f => Path.GetFileNameWithoutExtension(f)!);

        Assert.Empty(pages.Where(p => !p.StartsWith("about_", StringComparison.Ordinal)).Except(Manifest("CmdletsToExport")));
    }

    [Fact]
    public void Every_cmdlet_has_a_help_page_with_all_its_parameters_and_three_examples_that_parse()
    {
        Assert.Empty(CmdletTypes().SelectMany(Faults));
    }

    [Fact]
    public void The_online_page_of_every_cmdlet_lies_below_the_address_in_the_manifest()
    {
        var home = Manifest("PrivateData")
            .Single(v => v.StartsWith("https://", StringComparison.Ordinal) && !v.Contains("opensource.org", StringComparison.Ordinal));
        var help = XDocument.Load(Path.Combine(Repository.Module, "en-US", "EtcdDr.dll-Help.xml"));

        // Get-Help -Online opens the first of a cmdlet's links that has an address, unless the cmdlet's own HelpUri is set.
        var first = help.Descendants()
            .Where(e => e.Name.LocalName == "relatedLinks")
            .Select(l => l.Descendants().First(e => e.Name.LocalName == "uri").Value);

        Assert.Equal(Manifest("CmdletsToExport").Select(c => $"{home}/blob/main/docs/en-US/{c}.md"), first);
        Assert.All(CmdletTypes(), t => Assert.Empty(t.GetCustomAttribute<CmdletAttribute>()!.HelpUri));
    }

    private static IEnumerable<string> Faults(Type cmdlet)
    {
        var name = Name(cmdlet);
        var path = Path.Combine(Repository.Root, "docs", "en-US", name + ".md");
        if (!File.Exists(path))
            return [$"docs/en-US/{name}.md is missing."];

        var page = HelpPage.Parse(File.ReadAllText(path));
        var told = page.Section("Parameters").Items.Select(i => i.Title.TrimStart('-')).ToHashSet();
        var real = Parameters(cmdlet).ToHashSet();
        var examples = page.Section("Examples").Items;
        return
        [
            .. real.Except(told).Select(p => $"{name}.md does not tell of -{p}."),
            .. told.Except(real).Select(p => $"{name}.md tells of -{p}, which there is not."),
            .. examples.Count < 3 ? [$"{name}.md has {examples.Count} examples; three are needed."] : Array.Empty<string>(),
            .. examples.SelectMany(e => e.Blocks).Where(b => b.IsCode).SelectMany(b => Mistakes(name, b.Text)),
            .. page.Synopsis.Count == 1 ? Array.Empty<string>() : [$"{name}.md needs a synopsis of one sentence."],
        ];
    }

    private static IEnumerable<string> Mistakes(string name, string code)
    {
        // Output shown below a command stands in a fence of its own; what begins with a cmdlet or a variable is PowerShell.
        if (!code.Contains('-', StringComparison.Ordinal) || !(char.IsUpper(code[0]) || code[0] is '$' or '#'))
            return [];

        Parser.ParseInput(code, out _, out var errors);
        return errors.Select(e => $"{name}.md, example '{code}': {e.Message}");
    }

    private static IEnumerable<string> Parameters(Type cmdlet) =>
        cmdlet
            .GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.GetCustomAttributes<ParameterAttribute>().Any(a => !a.DontShow))
            .Select(p => p.Name)
            .Where(p => !Common.Contains(p));

    private static IEnumerable<Type> CmdletTypes() =>
        typeof(EtcdDrCmdlet).Assembly.GetExportedTypes().Where(t => !t.IsAbstract && t.GetCustomAttribute<CmdletAttribute>() is not null);

    private static string Name(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        return $"{attribute.VerbName}-{attribute.NounName}";
    }

    private static string[] Manifest(string key)
    {
        var script = Parser.ParseFile(Path.Combine(Repository.Root, "EtcdDr.psd1"), out _, out _);
        var table = (HashtableAst)script.Find(a => a is HashtableAst, searchNestedScriptBlocks: false)!;
        var value = table.KeyValuePairs.Single(p => p.Item1.SafeGetValue() is string s && s == key).Item2;
        return [.. value.FindAll(a => a is StringConstantExpressionAst, true).Select(a => ((StringConstantExpressionAst)a).Value)];
    }
}
