namespace EtcdDr.Bench.Measuring;

/// <summary>One row of the table: something of ours beside a reference, on the same machine, in turn.</summary>
internal abstract class Scenario : IAsyncDisposable
{
    private readonly Dictionary<string, ModuleSession> _sessions = new(StringComparer.Ordinal);

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
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>Times a script in the scenario's session, which is opened at its first use.</summary>
    /// <param name="profile">The profile of its cmdlets; each has a session of its own.</param>
    /// <param name="before">Runs once, when the session is opened, and is not timed; null for nothing.</param>
    /// <param name="script">What is timed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    protected async Task<Measurement> MeasureAsync(string? profile, string? before, string script, CancellationToken cancellationToken)
    {
        if (!_sessions.TryGetValue(profile ?? string.Empty, out var session))
        {
            _sessions[profile ?? string.Empty] = session = await ModuleSession.StartAsync(profile, cancellationToken);
            if (before is not null)
            {
                await session.RunAsync(before, cancellationToken);
            }
        }

        return await session.MeasureAsync(script, cancellationToken);
    }
}
