using EtcdDr.Lab.Tools;
using EtcdDr.PowerShell;

namespace EtcdDr.Lab.PowerShell;

/// <summary><c>run</c>: runs a script with the module imported, for machines without pwsh.</summary>
internal static class RunCommand
{
    public static LabCommand Command { get; } = new(
        "run",
        "[--profile <etcddr.yaml>] [--no-progress] [--type] <script.ps1>",
        "runs a script in a hosted PowerShell with the module imported and the profile in $env:ETCDDR_PROFILE; --type types its statements at a prompt; "
        + "ends with the script's exit code",
        RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Queue<string>(args);
        string? script = null;
        var progress = true;
        var type = false;
        while (arguments.TryDequeue(out var argument))
        {
            if (argument == "--no-progress")
                progress = false;
            else if (argument == "--type")
                type = true;
            else if (argument == "--profile")
                Environment.SetEnvironmentVariable("ETCDDR_PROFILE", Profile(arguments));
            else
                script = argument;
        }

        if (script is null || !File.Exists(script))
            throw new LabException(script is null ? "run needs the path of a script." : $"There is no script {Path.GetFullPath(script)}.");

        var path = Path.GetFullPath(script);
        await using var session = await PowerShellSession.OpenAsync(new ScriptOptions { Modules = [StagedModule.Find()], ShowProgress = progress });
        var result = type
            ? await session.TypeAsync(await File.ReadAllTextAsync(path, cancellationToken), cancellationToken)
            : await session.RunAsync(path, cancellationToken);
        return result.ExitCode;
    }

    private static string Profile(Queue<string> arguments) => arguments.TryDequeue(out var path) && File.Exists(path)
        ? Path.GetFullPath(path)
        : throw new LabException("--profile needs the path of an etcddr.yaml.");
}
