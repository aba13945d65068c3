using System.Diagnostics;
using System.Globalization;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// How many of this machine's processors had nothing to do for a while. On Linux the kernel tells (proc(5), /proc/stat), whoever used the
/// others; elsewhere it is what this process left of them, which is more.
/// </summary>
internal sealed class ProcessorWatch
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly TimeSpan _own = OwnTime();
    private readonly Ticks? _machine = Ticks.TryRead();

    /// <summary>Processors that were idle since this was made; never more than this process may use.</summary>
    public double Spare()
    {
        var unused = Environment.ProcessorCount - ((OwnTime() - _own) / Stopwatch.GetElapsedTime(_begun));
        var idle =
            _machine is { } before && Ticks.TryRead() is { } now && now.All > before.All
                ? (double)now.Processors * (now.Idle - before.Idle) / (now.All - before.All)
                : unused;
        return Math.Max(0, Math.Min(unused, idle));
    }

    private static TimeSpan OwnTime()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }

    /// <summary>What the kernel has counted since the machine started.</summary>
    private sealed record Ticks(long All, long Idle, int Processors)
    {
        public static Ticks? TryRead()
        {
            try
            {
                var lines = File.ReadLines("/proc/stat").TakeWhile(l => l.StartsWith("cpu", StringComparison.Ordinal)).ToList();
                // cpu user nice system idle iowait irq softirq steal; what follows (guests) is in user and nice already.
                var counts = lines[0]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Skip(1)
                    .Take(8)
                    .Select(n => long.Parse(n, CultureInfo.InvariantCulture))
                    .ToList();
                return new Ticks(counts.Sum(), counts[3] + counts[4], lines.Count - 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentOutOfRangeException)
            {
                // Not Linux, or a sandbox that hides it: this process's own use has to do.
                return null;
            }
        }
    }
}
