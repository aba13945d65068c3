using System.Diagnostics;

namespace EtcdDr.Bench.Fuzzing;

/// <summary><c>fuzz</c>: mutated files, each of which must read equal to its original or give a clear error.</summary>
internal static class FuzzCommand
{
    private const int Batch = 10_000;

    public static BenchCommand Command { get; } =
        new(
            "fuzz",
            "[--count N] [--seed S] [--built] [--target NAME]",
            "reads N mutated databases, sealed snapshots, manifests and listings each (100000): no crash, no hang, nothing accepted "
                + "changed; --built needs no etcd, --target reads one kind only",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var count = Option(args, "--count", 100_000);
        var seed = Option(args, "--seed", 20261122);
        var seeds = FuzzSeeds.Built().Concat(args.Contains("--built") ? [] : await FuzzSeeds.RealAsync(cancellationToken));

        // One target for each kind of file.
        using var isSealed = new SealedTarget();
        IFuzzTarget[] targets = [new DatabaseTarget(seeds), isSealed, new ManifestTarget(), new ListingTarget()];
        var good = true;
        var only = Array.IndexOf(args, "--target") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        foreach (var target in targets.Where(t => only is null || t.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var run = Run(target, count, seed, cancellationToken);
            Console.WriteLine(
                $"{target.Name}: {run[FuzzVerdict.Refused]} refused, {run[FuzzVerdict.Equal]} equal, {run[FuzzVerdict.Different]} "
                    + "different where no sum covers it"
            );
            Console.WriteLine(run);
            good &= run.Good;
        }

        return good ? 0 : 1;
    }

    private static FuzzRun Run(IFuzzTarget target, int count, int seed, CancellationToken cancellationToken)
    {
        var run = new FuzzRun(target, seed);
        var started = Stopwatch.GetTimestamp();
        for (var done = 0; done < count; done += Batch)
        {
            run.Run(Math.Min(Batch, count - done), Console.Error, cancellationToken, done);
            Console.Error.WriteLine($"{target.Name}: {run.Count} of {count} after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        }

        return run;
    }

    private static int Option(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length && int.TryParse(args[at + 1], out var value) ? value : otherwise;
    }
}
