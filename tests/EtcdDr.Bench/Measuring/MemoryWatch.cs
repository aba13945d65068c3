using System.Text.Json;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// Looks at this process's memory ten times a second and keeps the reading with most resident. A session of pwsh that is measured loads it
/// too.
/// </summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private readonly Timer _timer;

    /// <summary>Begins to look.</summary>
    public MemoryWatch() => _timer = new Timer(_ => Look(), null, Interval, Interval);

    /// <summary>The reading with most resident so far.</summary>
    public MemoryReading Highest { get; private set; } = MemoryReading.Take();

    /// <summary>That reading as JSON, for who looks from another process.</summary>
    public string Text() => JsonSerializer.Serialize(Highest);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = MemoryReading.Take();
        lock (_lock)
        {
            Highest = now.Resident > Highest.Resident ? now : Highest;
        }
    }
}
