using EtcdDr.Lab.Commands;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Drill;

/// <summary><c>drill</c>: both clusters up, the main job through the module's cmdlets, everything away again.</summary>
internal static class DrillCommand
{
    public static LabCommand Command { get; } =
        new(
            "drill",
            "[--nodes N] [--workers N] [--db-size 200MiB] [--etcd 3.4|3.5] [--tools-on-path] [--planted]",
            "makes both clusters, runs the main job on them as a user would, and removes them",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, "--nodes", "--workers", "--db-size", "--etcd", "--tools-on-path!", "--planted!");
        var step = "make the clusters";
        try
        {
            string summary;
            await using (var lab = await Lab.UpAsync(UpCommand.Options(arguments), cancellationToken))
            {
                var work = Directory.CreateDirectory(Path.Combine(lab.DirectoryPath, "work")).FullName;
                await using var console = await DrillConsole.OpenAsync(lab, work, cancellationToken);
                using var primary = lab.Primary.ConnectApi();
                using var secondary = lab.Secondary.ConnectApi();
                var run = new DrillRun(lab, console, primary, secondary, arguments.Has("--planted"));
                try
                {
                    await run.RunAsync(cancellationToken);
                }
                finally
                {
                    step = run.Step;
                }

                summary = run.Summary;
                step = "remove the clusters";
            }

            Console.WriteLine();
            Console.WriteLine(summary);
            return 0;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Whatever it was, the line that names the step is what a user and a pipeline look for.
            await Console.Error.WriteLineAsync($"drill failed at the step '{step}': {failure.Message}");
            if (failure is not LabException)
            {
                await Console.Error.WriteLineAsync(failure.ToString());
            }

            return 1;
        }
    }
}
