using System.Globalization;

namespace EtcdDr.Bench.Measuring;

/// <summary>What the kernel knows of this process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was resident at once (VmHWM), KiB.</summary>
    public static long PeakKiB() => KiB("VmHWM:");

    /// <summary>A line of /proc/self/status that counts memory, KiB.</summary>
    /// <param name="name">Its name, with the colon.</param>
    public static long KiB(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
