using System.Globalization;

namespace EtcdDr.Bench.Measuring;

/// <summary>What the kernel knows of a process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was resident at once (VmHWM), KiB.</summary>
    /// <param name="process">The process; null for this one.</param>
    public static long PeakKiB(int? process = null) => KiB("VmHWM:", process);

    /// <summary>A line of /proc/&lt;pid&gt;/status that counts memory, KiB.</summary>
    /// <param name="name">Its name, with the colon.</param>
    /// <param name="process">The process; null for this one.</param>
    public static long KiB(string name, int? process = null) =>
        long.Parse(
            File.ReadLines($"/proc/{process?.ToString(CultureInfo.InvariantCulture) ?? "self"}/status")
                .First(l => l.StartsWith(name, StringComparison.Ordinal))
                .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
