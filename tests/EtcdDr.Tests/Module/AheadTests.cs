using System.Runtime.InteropServices;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Module;

/// <summary>Assemblies that are compiled ahead for this platform are taken in place of those that hold the intermediate language
/// only.</summary>
public sealed class AheadTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static string Platform => "linux-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private string ModulePath => _directory.At("EtcdDr");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_compiled_for_this_platform_is_loaded_and_what_is_compiled_for_another_is_not()
    {
        Copy(Repository.Module, ModulePath);
        Directory.CreateDirectory(Path.Combine(ModulePath, "ahead", Platform));
        Directory.CreateDirectory(Path.Combine(ModulePath, "ahead", "win-x64"));
        foreach (
            var (file, platform) in (IEnumerable<(string, string)>)
                [("EtcdDr.Objects.dll", Platform), ("engine/EtcdDr.Engine.dll", Platform), ("engine/YamlDotNet.dll", "win-x64")]
        )
        {
            File.Copy(Path.Combine(ModulePath, file), Path.Combine(ModulePath, "ahead", platform, Path.GetFileName(file)), overwrite: true);
        }

        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{ModulePath}}'
            $context = [Runtime.Loader.AssemblyLoadContext]::GetLoadContext([Reflection.Assembly]::Load('EtcdDr.Engine'))
            $null = $context.LoadFromAssemblyName([Reflection.AssemblyName]::new('YamlDotNet'))
            [AppDomain]::CurrentDomain.GetAssemblies() |
                Where-Object { -not $_.IsDynamic -and $_.Location.StartsWith('{{_directory.Path}}') } |
                ForEach-Object { $_.Location.Substring('{{ModulePath}}/'.Length) } | Sort-Object
            (Get-Help Get-EtcdStatus).Synopsis
            """
        );

        Assert.True(exitCode == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                $"ahead/{Platform}/EtcdDr.Engine.dll",
                $"ahead/{Platform}/EtcdDr.Objects.dll",
                "engine/YamlDotNet.dll",
                "EtcdDr.dll",
                "EtcdDr.Loader.dll",
            ],
            lines[..^1]
        );
        Assert.NotEqual("Get-EtcdStatus", lines[^1].Trim());
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }
}
