using System.Diagnostics;
using System.Reflection.PortableExecutable;
using EtcdDr.Packager;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Package;

/// <summary>Builds the module a second time, in another directory and outside of git, as from a source archive.</summary>
public sealed class ReproducibleBuildTests
{
    private static readonly string[] Sources =
    [
        "Directory.Build.props",
        "Directory.Packages.props",
        ".editorconfig",
        "EtcdDr.psd1",
        "LICENSE",
        "src",
        "tools/Directory.Build.props",
        "tools/EtcdDr.HelpBuilder",
        "tests/Directory.Build.props",
        "docs/en-US",
    ];

    [Fact]
    [Trait("Category", "Build")]
    public async Task The_same_source_in_another_directory_gives_the_same_packages_and_what_is_compiled_ahead_stands_beside_them()
    {
        using var copy = new TempDirectory();
        foreach (var source in Sources)
            Copy(Path.Combine(Repository.Root, source), copy.At(source));

        await BuildAsync(copy.Path);

        var here = PackageFile.ReadAll(Repository.StagedModule).Select(f => $"{f.Sha256} {f.Path}");
        var built = PackageFile
            .ReadAll(copy.At("out", "EtcdDr"))
            .ToLookup(f => f.Path.StartsWith("ahead/linux-x64/", StringComparison.Ordinal));
        Assert.Equal(here, built[false].Select(f => $"{f.Sha256} {f.Path}"));
        Assert.Contains(built[true], f => f.Path.EndsWith("/EtcdDr.Engine.dll", StringComparison.Ordinal));
        Assert.All(built[true], f => Assert.True(HasNativeCode(f), $"{f.Path} holds no native code."));
        Directory.Delete(copy.At("out", "EtcdDr", "ahead"), recursive: true);
        PackagedModule.Read(copy.Path).Write(copy.At("artifacts"));
        var sums = $"EtcdDr-{PackagedModule.Contents.Manifest.Version}.sha256";
        Assert.Equal(File.ReadAllText(PackagedModule.Artifact(sums)), File.ReadAllText(copy.At("artifacts", sums)));
    }

    private static bool HasNativeCode(PackageFile file)
    {
        using var image = new PEReader(new MemoryStream(file.Content));
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    private static void Copy(string source, string destination)
    {
        if (File.Exists(source))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            File.Copy(source, destination);
            return;
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(source).Where(e => Path.GetFileName(e) is not ("bin" or "obj")))
            Copy(entry, Path.Combine(destination, Path.GetFileName(entry)));
    }

    private static async Task BuildAsync(string root)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = root,
        };
        foreach (
            var argument in (string[])
                [
                    "build",
                    "src/EtcdDr/EtcdDr.csproj",
                    "--configuration",
                    configuration,
                    "--nologo",
                    "--verbosity",
                    "quiet",
                    "-p:RunAnalyzers=false",
                    "-p:UseSharedCompilation=false",
                    "-p:CompileAhead=true",
                    "-p:AheadPlatforms=linux-x64",
                ]
        )
            start.ArgumentList.Add(argument);

        // What the build that runs this test says to its children is not meant for another one.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";

        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
