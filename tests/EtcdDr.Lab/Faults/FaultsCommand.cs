using System.Collections.Concurrent;
using EtcdDr.Lab.Commands;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary><c>faults</c>: strikes a restore at every step with every fault, on the first, middle and last control-plane node.</summary>
internal static class FaultsCommand
{
    public static LabCommand Command { get; } =
        new(
            "faults",
            "[--step NAME] [--fault NAME] [--node NAME] [--quick] [--only STEP:FAULT:NODE,...] [--labs N] [--show]",
            "strikes restores at every step with every fault; each must end whole, old or new, with one documented command at most",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, "--step", "--fault", "--node", "--quick!", "--only", "--labs", "--show!");
        var cases = new ConcurrentQueue<FaultCase>(
            FaultCase
                .Choose(["cp1", "cp2", "cp3"], Step(arguments), Kind(arguments), arguments.Has("--quick"))
                .Where(c => !arguments.Has("--node") || c.Node == arguments.Text("--node", string.Empty))
                .Where(c =>
                    !arguments.Has("--only")
                    || arguments
                        .Text("--only", string.Empty)
                        .Split(',')
                        .Contains($"{c.Step}:{c.Kind}:{c.Node}", StringComparer.OrdinalIgnoreCase)
                )
        );
        var outcomes = new ConcurrentQueue<FaultOutcome>();
        var labs = Math.Min(arguments.Number("--labs", 2), cases.Count);
        Console.WriteLine($"{cases.Count} cases on {labs} labs.");
        await Task.WhenAll(Enumerable.Range(0, labs).Select(_ => WorkAsync(cases, outcomes, arguments.Has("--show"), cancellationToken)));
        Show([.. outcomes]);
        return !outcomes.IsEmpty && outcomes.All(o => o.Whole) ? 0 : 1;
    }

    /// <summary>Takes case after case, on one lab for as long as each ends whole.</summary>
    private static async Task WorkAsync(
        ConcurrentQueue<FaultCase> cases,
        ConcurrentQueue<FaultOutcome> outcomes,
        bool show,
        CancellationToken cancellationToken
    )
    {
        Lab? lab = null;
        FaultRun? run = null;
        try
        {
            while (cases.TryDequeue(out var fault))
            {
                if (run is null)
                {
                    lab = await Lab.UpAsync(FaultRun.Options, cancellationToken);
                    run = await FaultRun.PrepareAsync(lab, cancellationToken);
                    await run.TurnPrimaryOffAsync(cancellationToken);
                }

                var outcome = await run.RunAsync(fault, cancellationToken);
                outcomes.Enqueue(outcome);
                Console.WriteLine(FaultRun.Describe(outcome));
                if (!outcome.Whole || show)
                {
                    await ShowEvidenceAsync(lab!);
                }

                if (!outcome.Whole)
                {
                    await lab!.DisposeAsync();
                    (lab, run) = (null, null);
                }
            }
        }
        finally
        {
            if (lab is not null)
            {
                await lab.DisposeAsync();
            }
        }
    }

    private static string? Step(Arguments arguments)
    {
        var step = arguments.Has("--step") ? arguments.Text("--step", string.Empty) : null;
        return step is null || FaultCase.Steps.Contains(step)
            ? step
            : throw new LabException($"There is no step '{step}'. Steps: {string.Join(", ", FaultCase.Steps)}.");
    }

    private static FaultKind? Kind(Arguments arguments)
    {
        if (!arguments.Has("--fault"))
        {
            return null;
        }

        var name = arguments.Text("--fault", string.Empty);
        return Enum.TryParse<FaultKind>(name, ignoreCase: true, out var kind)
            ? kind
            : throw new LabException($"There is no fault '{name}'. Faults: {string.Join(", ", Enum.GetNames<FaultKind>())}.");
    }

    /// <summary>What the commands printed and the logs of the restore; the lab that made them goes away.</summary>
    private static async Task ShowEvidenceAsync(Lab lab)
    {
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(lab.DirectoryPath, "faults"), "*.out")
                .Concat(Directory.EnumerateFiles(Path.Combine(lab.DirectoryPath, "faults"), "restore.log", SearchOption.AllDirectories))
        )
        {
            Console.WriteLine($"--- {file}");
            Console.WriteLine(await File.ReadAllTextAsync(file));
        }
    }

    private static void Show(IReadOnlyList<FaultOutcome> outcomes)
    {
        Console.WriteLine();
        var kinds = outcomes.Select(o => o.Case.Kind).Distinct().Order().ToArray();
        Console.WriteLine($"{"step", -20}{string.Concat(kinds.Select(k => $"{k, -16}"))}");
        foreach (var step in outcomes.GroupBy(o => o.Case.Step).OrderBy(g => FaultCase.Steps.Index().First(s => s.Item == g.Key).Index))
        {
            var cells = kinds.Select(kind =>
                string.Join(' ', step.Where(o => o.Case.Kind == kind).Select(o => o.Whole ? o.State : "BROKEN"))
            );
            Console.WriteLine($"{step.Key, -20}{string.Concat(cells.Select(cell => $"{cell, -16}"))}");
        }

        Console.WriteLine();
        Console.WriteLine($"{outcomes.Count(o => o.Whole)} of {outcomes.Count} ended whole");
    }
}
