namespace EtcdDr.Bench.Measuring;

/// <summary>What came of a scenario.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="first">The pair that does not count: fresh sessions, cold caches.</param>
/// <param name="pairs">Those that do.</param>
internal sealed class ScenarioResult(
    Scenario scenario,
    (Measurement Ours, Measurement Reference) first,
    IReadOnlyList<(Measurement Ours, Measurement Reference)> pairs
)
{
    /// <summary>The scenario.</summary>
    public Scenario Scenario => scenario;

    /// <summary>How many pairs were measured.</summary>
    public int Pairs => pairs.Count;

    /// <summary>Median of ours, seconds.</summary>
    public double Ours => Median(pairs.Select(p => p.Ours.Seconds));

    /// <summary>Median of the reference, seconds.</summary>
    public double Reference => Median(pairs.Select(p => p.Reference.Seconds));

    /// <summary>Ours to the reference, by their medians.</summary>
    public double Ratio => Ours / Reference;

    /// <summary>Lowest and highest ratio of a pair.</summary>
    public (double Low, double High) Spread
    {
        get
        {
            var ratios = pairs.Select(p => p.Ours.Seconds / p.Reference.Seconds).ToList();
            return (ratios.Min(), ratios.Max());
        }
    }

    /// <summary>Ratio of the first pair, in which our session loads and compiles what it uses.</summary>
    public double FirstRatio => first.Ours.Seconds / first.Reference.Seconds;

    /// <summary>The target as a ratio; a target in seconds is put as the ratio that it means here.</summary>
    public double Target => scenario.TargetSeconds is { } seconds ? (Reference + seconds) / Reference : scenario.Target;

    /// <summary>Whether the target holds.</summary>
    public bool Holds => Ratio <= Target;

    /// <summary>Peak memory of our process over all runs, MiB; null where nothing of ours had a process of its own.</summary>
    public long? PeakMiB => pairs.SelectMany(p => (long?[])[p.Ours.PeakKiB, p.Reference.PeakKiB]).Max() / 1024;

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        var middle = ordered.Count / 2;
        return ordered.Count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
    }
}
