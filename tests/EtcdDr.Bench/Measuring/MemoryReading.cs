namespace EtcdDr.Bench.Measuring;

/// <summary>Of what the resident memory of a process consists, MiB.</summary>
/// <param name="Files">Pages of files: programs and libraries (RssFile).</param>
/// <param name="Compiled">What the runtime has compiled, which it maps from a file in memory (RssShmem).</param>
/// <param name="Anonymous">All else: the runtime's own tables, native buffers and the managed heap (RssAnon).</param>
/// <param name="Managed">What the collector has from the kernel for the managed heap, as of its last run.</param>
/// <param name="LargeObjects">Live and dead large objects (85,000 bytes and more) in it, as of the collector's last run.</param>
/// <param name="Allocated">What has been allocated since the process began.</param>
internal sealed record MemoryReading(long Files, long Compiled, long Anonymous, long Managed, long LargeObjects, long Allocated)
{
    private const long MiB = 1024 * 1024;
    private const int LargeObjectHeap = 3;

    /// <summary>All that is resident.</summary>
    public long Resident => Files + Compiled + Anonymous;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Resident} MiB: files {Files}, compiled {Compiled}, anonymous {Anonymous}, managed heap {Managed}, large objects "
        + $"{LargeObjects}, allocated in all {Allocated}";

    /// <summary>Reads this process's.</summary>
    public static MemoryReading Take()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        return new MemoryReading(
            ProcessMemory.KiB("RssFile:") / 1024,
            ProcessMemory.KiB("RssShmem:") / 1024,
            ProcessMemory.KiB("RssAnon:") / 1024,
            info.TotalCommittedBytes / MiB,
            info.GenerationInfo[LargeObjectHeap].SizeAfterBytes / MiB,
            GC.GetTotalAllocatedBytes() / MiB
        );
    }
}
