namespace EtcdDr.Lab.Kubelet;

/// <summary>The kubelet's back-off of restarts: the first is at once, then 10 s after the end, doubling to five minutes; forgotten after
/// ten quiet minutes.</summary>
internal sealed class BackOff(TimeSpan initial, TimeSpan maximum)
{
    private readonly Dictionary<string, (TimeSpan Delay, DateTimeOffset Updated)> entries = [];
    private readonly Lock gate = new();

    /// <summary>How long a container that ended at <paramref name="finished"/> must still wait; zero or less: start it, then call
    /// <see cref="Next"/>.</summary>
    public TimeSpan Remaining(string key, DateTimeOffset finished)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var entry) || Expired(entry.Updated, finished))
                return TimeSpan.Zero;
            return finished + entry.Delay - DateTimeOffset.UtcNow;
        }
    }

    /// <summary>Counts one more restart.</summary>
    public void Next(string key, DateTimeOffset finished)
    {
        lock (gate)
        {
            var delay =
                entries.TryGetValue(key, out var entry) && !Expired(entry.Updated, finished)
                    ? TimeSpan.FromSeconds(Math.Min(maximum.TotalSeconds, entry.Delay.TotalSeconds * 2))
                    : initial;
            entries[key] = (delay, DateTimeOffset.UtcNow);
        }
    }

    private bool Expired(DateTimeOffset updated, DateTimeOffset finished) => finished - updated > maximum * 2;
}
