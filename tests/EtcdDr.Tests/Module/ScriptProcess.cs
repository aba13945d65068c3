using System.Diagnostics;
using EtcdDr.Lab.PowerShell;

namespace EtcdDr.Tests.Module;

/// <summary>
/// Runs scripts in a pwsh of their own, as a job does, where the module finds nothing but PowerShell. (The test process has the engine and
/// its dependencies in the default load context and would hide what goes wrong there.)
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

    /// <summary>Runs the text of a script; gives its standard output, its standard error after it, and its exit code.</summary>
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

    /// <summary>A pwsh that answers no question, with its streams redirected and nothing coloured.</summary>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = Pwsh.StartInfo(
            ["-NonInteractive", .. arguments],
            environment.Prepend(("NO_COLOR", "1")).Select(v => KeyValuePair.Create(v.Item1, v.Item2))
        );
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private static async Task<(int ExitCode, string Output)> RunFileAsync(string path, (string Name, string Value)[] environment)
    {
        using var process = Process.Start(StartInfo(["-File", path], environment))!;
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
