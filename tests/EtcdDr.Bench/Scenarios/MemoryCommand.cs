using System.Globalization;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary><c>memory</c>: peak memory of a session for each kind of work, by the size of the database.</summary>
internal static class MemoryCommand
{
    private static readonly int[] Sizes = [20, 200, 1024, 4096];

    public static BenchCommand Command { get; } =
        new(
            "memory",
            "[MIB ...]",
            "peak memory of sessions that take, test, copy and stage a snapshot, by the size of the database (20, 200, 1024 and 4096 MiB)",
            RunAsync
        );

    private static readonly string[] Works =
    [
        "New-EtcdSnapshot",
        "Test-EtcdSnapshot",
        "Copy-EtcdSnapshot",
        "Restore-EtcdSnapshot -StageOnly",
    ];

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var sizes = args.Length > 0 ? args.Select(a => int.Parse(a, CultureInfo.InvariantCulture)) : Sizes;
        var work = Directory.CreateTempSubdirectory("etcddr-bench-");
        try
        {
            var rows = new List<(int Size, IReadOnlyList<ModuleAnswer> Answers)>();
            foreach (var size in sizes)
            {
                rows.Add((size, await MeasureAsync(size, Path.Combine(work.FullName, $"{size}"), cancellationToken)));
            }

            WritePeaks(rows);
            WriteParts(rows);
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void WritePeaks(List<(int Size, IReadOnlyList<ModuleAnswer> Answers)> rows)
    {
        Console.WriteLine($"| database, MiB | {string.Join(" | ", Works)} |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        foreach (var (size, answers) in rows)
        {
            Console.WriteLine($"| {size} | {string.Join(" | ", answers.Select(a => a.PeakKiB / 1024))} |");
        }
    }

    private static void WriteParts(List<(int Size, IReadOnlyList<ModuleAnswer> Answers)> rows)
    {
        Console.WriteLine();
        Console.WriteLine(
            "| database, MiB | work | resident | files | compiled | anonymous | managed heap | large objects | allocated in all |"
        );
        Console.WriteLine("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (size, answers) in rows)
        {
            foreach (var (work, answer) in Works.Zip(answers))
            {
                var parts = answer.Highest!;
                Console.WriteLine(
                    $"| {size} | {work} | {parts.Resident} | {parts.Files} | {parts.Compiled} | {parts.Anonymous} | {parts.Managed} | "
                        + $"{parts.LargeObjects} | {parts.Allocated} |"
                );
            }
        }
    }

    private static async Task<IReadOnlyList<ModuleAnswer>> MeasureAsync(
        int mebibytes,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var options = new LabOptions
        {
            ControlPlanes = 1,
            Workers = 0,
            Secondary = false,
            DbSize = mebibytes * 1024L * 1024,
            ToolsOnPath = true,
            Say = Console.Error.WriteLine,
        };
        await using var lab = await Lab.Lab.UpAsync(options, cancellationToken);
        Directory.CreateDirectory(directory);
        var node = lab.Primary.ControlPlane.First();
        var logIn = $"-KeyFile '{lab.SshKeyFile}' -KnownHostsFile '{lab.KnownHostsFile}'";
        string[] scripts =
        [
            $"Get-EtcdCluster primary | New-EtcdSnapshot -Path '{directory}'",
            $"Get-EtcdSnapshot '{directory}' | Test-EtcdSnapshot",
            $"Get-EtcdSnapshot '{directory}' | Copy-EtcdSnapshot -Destination {lab.SshUser}@{node.Address}:/home/{lab.SshUser}/copies "
                + $"{logIn}",
            $"Get-EtcdSnapshot '{directory}' | Restore-EtcdSnapshot -Cluster primary -StageOnly -Confirm:$false -WarningAction "
                + "SilentlyContinue",
        ];
        var answers = new List<ModuleAnswer>();
        foreach (var script in scripts)
        {
            await using var session = await ModuleSession.StartAsync(lab.ProfilePath, cancellationToken, watchMemory: true);
            answers.Add(await session.RunAsync(script, cancellationToken));
        }

        Directory.Delete(directory, recursive: true);
        return answers;
    }
}
