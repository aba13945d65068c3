using System.Globalization;

namespace EtcdDr.Bench.Measuring;

/// <summary>What the kernel knows of this process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was resident at once (VmHWM), KiB.</summary>
    public static long PeakKiB() => long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
