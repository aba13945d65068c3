namespace EtcdDr.Bench.Measuring;

/// <summary>How a run of scenarios measures.</summary>
/// <param name="Quick">Three pairs and a tenth of the bytes.</param>
/// <param name="WorkDirectory">A directory of the run's own, removed at its end.</param>
/// <param name="Say">Told what is done.</param>
internal sealed record BenchSettings(bool Quick, string WorkDirectory, Action<string> Say)
{
    private const long MiB = 1024 * 1024;

    /// <summary>How often each side runs.</summary>
    public int Pairs => Quick ? 3 : 5;

    /// <summary>Bytes of a scenario that has so many mebibytes in full.</summary>
    public long Bytes(int mebibytes) => mebibytes * MiB / (Quick ? 10 : 1);

    /// <summary>A number of things of a scenario that has so many in full.</summary>
    public int Count(int full) => full / (Quick ? 10 : 1);
}
