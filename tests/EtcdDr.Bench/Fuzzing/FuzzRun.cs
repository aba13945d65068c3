using System.Diagnostics;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>Feeds a target with inputs and counts what came of them. Input number N of a seed is always the same.</summary>
public sealed class FuzzRun(IFuzzTarget target, int seed)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly long[] _verdicts = new long[Enum.GetValues<FuzzVerdict>().Length];

    /// <summary>How often a verdict was reached.</summary>
    public long this[FuzzVerdict verdict] => Interlocked.Read(ref _verdicts[(int)verdict]);

    /// <summary>Inputs in all.</summary>
    public long Count => _verdicts.Sum();

    /// <summary>Whether nothing went wrong.</summary>
    public bool Good => this[FuzzVerdict.Crashed] + this[FuzzVerdict.Hung] + this[FuzzVerdict.AcceptedChanged] == 0;

    /// <summary>The line that tells the outcome.</summary>
    public override string ToString() =>
        $"{Count} inputs, {this[FuzzVerdict.Crashed]} crashes, {this[FuzzVerdict.Hung]} hangs, {this[FuzzVerdict.AcceptedChanged]} "
        + "accepted changed";

    /// <summary>Runs inputs number <paramref name="first"/> and following.</summary>
    public void Run(int count, TextWriter complaints, CancellationToken cancellationToken, int first = 0)
    {
        ArgumentNullException.ThrowIfNull(complaints);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(
            first,
            first + count,
            options,
            number =>
            {
                var verdict = One(number, out var complaint);
                Interlocked.Increment(ref _verdicts[(int)verdict]);
                if (complaint is not null)
                {
                    lock (complaints)
                    {
                        complaints.WriteLine($"{target.Name} input {number} of seed {seed}: {verdict}: {complaint}");
                    }
                }
            }
        );
    }

    private FuzzVerdict One(int number, out string? complaint)
    {
        complaint = null;
        var started = Stopwatch.GetTimestamp();
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            var verdict = target.Try(new Random(HashCode(number)), bound.Token);
            if (Stopwatch.GetElapsedTime(started) > Bound)
            {
                verdict = FuzzVerdict.Hung;
            }

            complaint = verdict is FuzzVerdict.Hung or FuzzVerdict.AcceptedChanged ? "see the number to repeat it" : null;
            return verdict;
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            complaint = $"not done after {Bound}";
            return FuzzVerdict.Hung;
        }
        catch (Exception failure)
        {
            // Whatever it is, that is the finding.
            complaint = failure.ToString();
            return FuzzVerdict.Crashed;
        }
    }

    // Not System.HashCode: that differs from run to run.
    private int HashCode(int number) => unchecked((int)((uint)(seed * 0x9E3779B1) ^ ((uint)number * 0x85EBCA6B)));
}
