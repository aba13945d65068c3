namespace EtcdDr.Bench.Measuring;

/// <summary>One row of the table: something of ours beside a reference, on the same machine, in turn.</summary>
internal abstract class Scenario : IAsyncDisposable
{
    /// <summary>What is typed, and the row's name in the JSON.</summary>
    public abstract string Name { get; }

    /// <summary>What of ours is timed, in a few words.</summary>
    public abstract string Ours { get; }

    /// <summary>What it is compared with, in a few words.</summary>
    public abstract string Reference { get; }

    /// <summary>The highest ratio (ours to the reference) that holds.</summary>
    public abstract double Target { get; }

    /// <summary>The highest difference in seconds that holds, where the target is one; then the ratio is not judged.</summary>
    public virtual double? TargetSeconds => null;

    /// <summary>Makes what the scenario needs. Not timed.</summary>
    public abstract Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken);

    /// <summary>Runs ours once: seconds, and the peak memory of its process where it had one of its own.</summary>
    public abstract Task<Measurement> RunOursAsync(CancellationToken cancellationToken);

    /// <summary>Runs the reference once.</summary>
    public abstract Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
