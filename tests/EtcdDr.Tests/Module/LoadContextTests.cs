namespace EtcdDr.Tests.Module;

public sealed class LoadContextTests
{
    private static readonly string Ours = Path.Combine(Repository.Module, "EtcdDr.psd1");
    private static readonly string Other = Path.Combine(ScriptProcess.OutputOf("EtcdDr.OtherModule", "net10.0"), "OtherModule.psd1");

    /// <summary>Makes the engine parse YAML and says with which YamlDotNet, and where that lives.</summary>
    private const string AskOurs = """
        $engine = [Reflection.Assembly]::Load('EtcdDr.Engine')
        $context = [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($engine)
        $yaml = $context.LoadFromAssemblyName([Reflection.AssemblyName]::new('YamlDotNet'))
        $stream = [Activator]::CreateInstance($yaml.GetType('YamlDotNet.RepresentationModel.YamlStream'))
        $stream.Load([IO.StringReader]::new('name: ours'))
        "ours $($yaml.GetName().Version) in $($context.Name) with $($stream.Documents.Count) document"
        """;

    private const string OursAnswers = "ours 18.0.0.0 in EtcdDr with 1 document";
    private const string OtherAnswers = "other 16.0.0.0";

    [Fact]
    public async Task Each_module_keeps_its_YamlDotNet_when_the_other_one_is_imported_first()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{Other}'
            ConvertFrom-OtherYaml 'name: other'
            Import-Module '{Ours}'
            {AskOurs}
            ConvertFrom-OtherYaml 'name: other'
            """
        );

        Assert.Equal([OtherAnswers, OursAnswers, OtherAnswers], Lines(output));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Each_module_keeps_its_YamlDotNet_when_ours_is_imported_first()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{Ours}'
            {AskOurs}
            Import-Module '{Other}'
            ConvertFrom-OtherYaml 'name: other'
            {AskOurs}
            """
        );

        Assert.Equal([OursAnswers, OtherAnswers, OursAnswers], Lines(output));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task The_module_can_be_removed_and_imported_again()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{Ours}'
            Remove-Module EtcdDr
            Import-Module '{Ours}'
            {AskOurs}
            Remove-Module EtcdDr
            Import-Module '{Ours}' -Force
            Import-Module '{Ours}' -Force
            {AskOurs}
            """
        );

        Assert.Equal([OursAnswers, OursAnswers], Lines(output));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task A_second_runspace_that_removes_the_module_leaves_it_to_the_first()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Ours}}'
            $second = [PowerShell]::Create([initialsessionstate]::CreateDefault2())
            $null = $second.AddScript("Import-Module '{{Ours}}'; Remove-Module EtcdDr")
            $null = $second.Invoke()
            $second.Dispose()
            {{AskOurs}}
            """
        );

        Assert.Equal([OursAnswers], Lines(output));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Public_types_can_be_named_in_a_script()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync($"Import-Module '{Ours}'; [EtcdDr.EtcdSnapshot].FullName");

        Assert.Equal(["EtcdDr.EtcdSnapshot"], Lines(output));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task The_default_load_context_gets_our_three_assemblies_and_no_other()
    {
        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            function Get-Ours {
                [AppDomain]::CurrentDomain.GetAssemblies() |
                    Where-Object { -not $_.IsDynamic -and $_.Location.StartsWith('{{Repository.Module}}') }
            }
            Import-Module '{{Ours}}'
            $null = & { {{AskOurs}} }
            $contexts = [Runtime.Loader.AssemblyLoadContext]
            Get-Ours | Where-Object { $contexts::GetLoadContext($_) -eq $contexts::Default } | ForEach-Object { $_.GetName().Name }
            """
        );

        Assert.Equal(["EtcdDr", "EtcdDr.Loader", "EtcdDr.Objects"], Lines(output).Order(StringComparer.Ordinal));
        Assert.Equal(0, exitCode);
    }

    private static string[] Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
