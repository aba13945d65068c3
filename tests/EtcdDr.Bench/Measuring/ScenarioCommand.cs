using EtcdDr.Bench.Scenarios;

namespace EtcdDr.Bench.Measuring;

/// <summary>The scenarios' commands: <c>all</c>, or one of them by name.</summary>
internal static class ScenarioCommand
{
    private const string Usage = "[--quick] [--json FILE]";

    // In the order of the labs that they need, so that neighbours share one.
    private static readonly Func<Scenario>[] Scenarios =
    [
        () => new ImportScenario(),
        () => new CopyScenario(),
        () => new VerifyScenario(),
        () => new ResumeScenario(),
        () => new CopyManyScenario(),
        () => new CopyRealDataScenario(),
        () => new CopyFarScenario(),
        () => new SnapshotScenario("snapshot", 1024, 0.8),
        () => new RestoreAwayScenario(),
        () => new RestoreTotalScenario("restore-total"),
        () => new RestoreTotalScenario("restore-total-links", "400mbit"),
        () => new SnapshotScenario("snapshot-small", 20, 0.5),
        () => new FirstCommandScenario("first-status", "Get-EtcdStatus"),
        () => new FirstCommandScenario("first-snapshot", "New-EtcdSnapshot -Path snapshots"),
        () => new WarmStandbyScenario(),
        () => new RestoreWiderScenario("restore-wider"),
        () => new RestoreWiderScenario("restore-wider-links", "200mbit"),
        () => new RestoreFanOutScenario(),
        () => new StatusScenario(),
        () => new StatusFarScenario(),
        () => new MirrorScenario(),
        () => new InventoryScenario(),
    ];

    /// <summary>The commands.</summary>
    public static IEnumerable<BenchCommand> Commands =>
        [
            new(
                "all",
                Usage,
                "runs every scenario and prints the table of docs/performance.md",
                (args, ct) => RunAsync(Scenarios, args, ct)
            ),
            .. Scenarios.Select(create =>
            {
                var scenario = create();
                return new BenchCommand(
                    scenario.Name,
                    Usage,
                    $"{scenario.Ours} beside {scenario.Reference}",
                    (args, ct) => RunAsync([create], args, ct)
                );
            }),
        ];

    private static async Task<int> RunAsync(IReadOnlyList<Func<Scenario>> scenarios, string[] args, CancellationToken cancellationToken)
    {
        var json = Array.IndexOf(args, "--json") is var at and >= 0 ? Path.GetFullPath(args[at + 1]) : null;
        var work = Directory.CreateTempSubdirectory("etcddr-bench-");
        var results = new List<ScenarioResult>();
        var failed = false;
        try
        {
            var settings = new BenchSettings(args.Contains("--quick"), work.FullName, Console.Error.WriteLine);
            await using var labs = new LabHouse(settings.Say);
            foreach (var create in scenarios)
            {
                try
                {
                    results.Add(await PairRunner.RunAsync(create(), labs, settings, cancellationToken));
                }
                catch (Lab.Tools.LabException e)
                {
                    failed = true;
                    settings.Say($"!! {create().Name} could not be measured: {e.Message}");
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    // Ctrl-C ends this row and those after it; hours of others are not thrown away.
                    failed = true;
                    settings.Say($"!! {create().Name} was stopped, and with it the rest.");
                    break;
                }
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }

        ResultTable.Write(results);
        if (json is not null)
        {
            await ResultTable.WriteJsonAsync(json, results, CancellationToken.None);
        }

        return !failed && ResultTable.AllHold(results) ? 0 : 1;
    }
}
