using System.Diagnostics;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.PowerShell;

/// <summary><c>run</c>: runs a script in pwsh with the module imported.</summary>
internal static class RunCommand
{
    public static LabCommand Command { get; } =
        new(
            "run",
            "[--profile <etcddr.yaml>] [--no-progress] <script.ps1>",
            "runs a script in pwsh with the module imported and the profile in $env:ETCDDR_PROFILE; ends with the script's exit code",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Queue<string>(args);
        string? script = null;
        var before = $"Import-Module '{StagedModule.Find()}'";
        var environment = new Dictionary<string, string>();
        while (arguments.TryDequeue(out var argument))
        {
            if (argument == "--no-progress")
                before += "; $ProgressPreference = 'SilentlyContinue'";
            else if (argument == "--profile")
                environment["ETCDDR_PROFILE"] = Profile(arguments);
            else
                script = argument;
        }

        if (script is null || !File.Exists(script))
            throw new LabException(script is null ? "run needs the path of a script." : $"There is no script {Path.GetFullPath(script)}.");

        using var process = Process.Start(Pwsh.StartInfo(Pwsh.RunScript(Path.GetFullPath(script), before), environment))!;

        // Ctrl-C reaches it as well: it cleans up, and its exit code is what came of that.
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private static string Profile(Queue<string> arguments) =>
        arguments.TryDequeue(out var path) && File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new LabException("--profile needs the path of an etcddr.yaml.");
}
