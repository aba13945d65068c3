using System.Collections.Concurrent;
using EtcdDr.Lab.Commands;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary><c>faults</c>: strikes a restore at every step with every fault, on the first, middle and last control-plane node.</summary>
internal static class FaultsCommand
{
    private static readonly string[] Nodes = ["cp1", "cp2", "cp3"];

    public static LabCommand Command { get; } =
        new(
            "faults",
            "[--beginning NAME] [--step NAME] [--fault NAME] [--node first|middle|last|NAME] [--quick] "
                + "[--only BEGINNING:STEP:FAULT:NODE,...] [--labs N] [--show]",
            "strikes restores into healthy and broken clusters at every step; each must end whole, old or new, with one command at most",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, "--beginning", "--step", "--fault", "--node", "--quick!", "--only", "--labs", "--show!");
        string? Asked(string option) => arguments.Has(option) ? arguments.Text(option, string.Empty) : null;
        var choice = new FaultChoice(
            Asked("--beginning") is { } beginning ? Named<Beginning>("beginning", beginning) : null,
            Asked("--step") is { } step ? Step(step) : null,
            Asked("--fault") is { } kind ? Named<FaultKind>("fault", kind) : null,
            Asked("--node") is { } node ? NodeOf(node) : null,
            arguments.Has("--quick")
        );
        var cases = new ConcurrentQueue<FaultCase>(
            arguments.Has("--only") ? arguments.Text("--only", string.Empty).Split(',').Select(Parse) : FaultCase.Choose(Nodes, choice)
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

    private static string Step(string step) =>
        Steps.Contains(step) ? step : throw new LabException($"There is no step '{step}'. Steps: {string.Join(", ", Steps)}.");

    private static IReadOnlyList<string> Steps { get; } = [.. FaultCase.Steps, .. FaultCase.QuietSteps];

    private static FaultCase Parse(string words) =>
        words.Split(':') is [var beginning, var step, var kind, var node]
            ? new FaultCase(Step(step), Named<FaultKind>("fault", kind), NodeOf(node), Named<Beginning>("beginning", beginning))
            : throw new LabException($"'{words}' is no case; one is BEGINNING:STEP:FAULT:NODE.");

    // no-quorum and NoQuorum are the same.
    private static T Named<T>(string what, string name)
        where T : struct, Enum =>
        Enum.TryParse<T>(name.Replace("-", string.Empty, StringComparison.Ordinal), ignoreCase: true, out var value)
            ? value
            : throw new LabException($"There is no {what} '{name}'. There are: {string.Join(", ", Enum.GetNames<T>())}.");

    private static string NodeOf(string name)
    {
        var struck = FaultCase.Struck(Nodes);
        return name switch
        {
            "first" => struck[0],
            "middle" => struck[struck.Count / 2],
            "last" => struck[^1],
            _ when struck.Contains(name) => name,
            _ => throw new LabException($"There is no node '{name}'. Nodes: first, middle, last, {string.Join(", ", struck)}."),
        };
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
        var beginnings = outcomes.Select(o => o.Case.Beginning).Distinct().Order().ToArray();
        Console.WriteLine($"{"step", -20}{string.Concat(beginnings.Select(b => $"{b, -21}"))}");
        foreach (var step in outcomes.GroupBy(o => o.Case.Step).OrderBy(g => Steps.Index().First(s => s.Item == g.Key).Index))
        {
            var cells = beginnings.Select(b => Cell([.. step.Where(o => o.Case.Beginning == b)]));
            Console.WriteLine($"{step.Key, -20}{string.Concat(cells.Select(cell => $"{cell, -21}"))}");
        }

        Console.WriteLine(
            $"{"all", -20}{string.Concat(beginnings.Select(b => $"{Count([.. outcomes.Where(o => o.Case.Beginning == b)]), -21}"))}"
        );
        foreach (var broken in outcomes.Where(o => !o.Whole))
        {
            Console.WriteLine(FaultRun.Describe(broken));
        }

        Console.WriteLine();
        Console.WriteLine($"{outcomes.Count(o => o.Whole)} of {outcomes.Count} ended whole");
    }

    private static string Count(IReadOnlyList<FaultOutcome> outcomes) => $"{outcomes.Count(o => o.Whole)} of {outcomes.Count}";

    // How many ended in which state: whether a fault undoes a restore or not is worth seeing.
    private static string Cell(IReadOnlyList<FaultOutcome> outcomes) =>
        string.Join(' ', outcomes.GroupBy(o => o.Whole ? o.State : "BROKEN").OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}"));
}
