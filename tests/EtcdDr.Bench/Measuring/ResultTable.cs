using System.Globalization;
using System.Text.Json;

namespace EtcdDr.Bench.Measuring;

/// <summary>Shows results: a table for people, JSON for programs.</summary>
internal static class ResultTable
{
    private const long MemoryTargetMiB = 250;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <summary>Whether all targets hold, memory's too.</summary>
    public static bool AllHold(IEnumerable<ScenarioResult> results) => results.All(r => r.Holds && r.PeakMiB is null or < MemoryTargetMiB);

    /// <summary>Writes the table.</summary>
    public static void Write(IEnumerable<ScenarioResult> results)
    {
        Console.WriteLine();
        Console.WriteLine("| scenario | ours, s | reference, s | ratio | lowest - highest | first run | target | holds | peak, MiB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- | ---: | ---: | --- | ---: |");
        foreach (var result in results)
        {
            Console.WriteLine(Row(result));
        }
    }

    /// <summary>Writes the JSON: an array of <c>{"name", "ratio", "target", "holds", "pairs", "peakMiB"}</c>.</summary>
    public static Task WriteJsonAsync(string file, IEnumerable<ScenarioResult> results, CancellationToken cancellationToken) =>
        File.WriteAllBytesAsync(
            file,
            JsonSerializer.SerializeToUtf8Bytes(
                results.Select(r => new Line(
                    r.Scenario.Name,
                    Math.Round(r.Ratio, 3),
                    Math.Round(r.Target, 3),
                    r.Holds,
                    r.Pairs,
                    r.PeakMiB
                )),
                Format
            ),
            cancellationToken
        );

    private static string Row(ScenarioResult result)
    {
        var (low, high) = result.Spread;
        var target = result.Scenario.TargetSeconds is { } seconds
            ? $"+{seconds * 1000:0} ms"
            : string.Create(CultureInfo.InvariantCulture, $"<= {result.Target:0.00}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Scenario.Name} | {result.Ours:0.00} | {result.Reference:0.00} | {result.Ratio:0.00} | {low:0.00} - "
                + $"{high:0.00} | {result.FirstRatio:0.00} | {target} | {(result.Holds ? "yes" : "no")} | {result.PeakMiB} |"
        );
    }

    private sealed record Line(string Name, double Ratio, double Target, bool Holds, int Pairs, long? PeakMiB);
}
