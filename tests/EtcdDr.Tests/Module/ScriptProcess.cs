using System.Diagnostics;

namespace EtcdDr.Tests.Module;

/// <summary>
/// Runs scripts in a PowerShell process of their own, where the module finds nothing but PowerShell. (The test process has the engine and its
/// dependencies in the default load context and would hide what goes wrong there.)
/// </summary>
internal static class ScriptProcess
{
    // Far above what any script takes: a machine may have twenty other things to do.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Directory of a test project's build.</summary>
    public static string OutputOf(string project, string framework)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(Repository.Root, "tests", project, "bin", configuration, framework);
    }

    /// <summary>Runs the text of a script; gives what it showed and its exit code.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        var path = Path.Combine(Path.GetTempPath(), $"etcddr-test-{Guid.NewGuid():N}.ps1");
        await File.WriteAllTextAsync(path, script);
        try
        {
            return await RunFileAsync(path, environment);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunFileAsync(string path, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(OutputOf("EtcdDr.PowerShell", "net10.0"), "EtcdDr.PowerShell.dll"));
        start.ArgumentList.Add(path);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
