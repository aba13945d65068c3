using System.Globalization;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Measuring;

/// <summary>Runs a scenario: one pair that does not count (caches, what a session loads and compiles), then ours and the reference in
/// turn.</summary>
internal static class PairRunner
{
    /// <summary>Prepares a scenario, measures it and takes it down again.</summary>
    public static async Task<ScenarioResult> RunAsync(
        Scenario scenario,
        LabHouse labs,
        BenchSettings settings,
        CancellationToken cancellationToken
    )
    {
        await using var ending = scenario;
        settings.Say($"== {scenario.Name}: {scenario.Ours} beside {scenario.Reference}");
        await scenario.PrepareAsync(labs, settings, cancellationToken);
        var pairs = new List<(Measurement Ours, Measurement Reference)>();
        for (var pair = 0; pair <= settings.Pairs; pair++)
        {
            var ours = await SettledAsync(scenario.RunOursAsync, cancellationToken);
            var reference = await SettledAsync(scenario.RunReferenceAsync, cancellationToken);
            settings.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"   {(pair == 0 ? "warm-up" : $"pair {pair}")}: ours {ours.Seconds:0.00} s, reference {reference.Seconds:0.00} "
                        + $"s, ratio {ours.Seconds / reference.Seconds:0.00}"
                )
            );
            SaySteps(settings, "ours", ours);
            SaySteps(settings, "reference", reference);
            pairs.Add((ours, reference));
        }

        return new ScenarioResult(scenario, pairs[0], pairs[1..]);
    }

    private static void SaySteps(BenchSettings settings, string whose, Measurement measurement)
    {
        if (measurement.Steps is { } steps)
        {
            settings.Say($"      {whose}: {steps}");
        }
    }

    // What the run before left for the disk would be paid by the next one.
    private static async Task<Measurement> SettledAsync(Func<CancellationToken, Task<Measurement>> run, CancellationToken cancellationToken)
    {
        await Tool.RunAsync("sync", [], cancellationToken);
        return await run(cancellationToken);
    }
}
