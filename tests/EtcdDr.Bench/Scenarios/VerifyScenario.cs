using EtcdDr.Bench.Measuring;
using EtcdDr.Lab.Packages;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Everything that is checked of a database beside <c>sha256sum</c> and then etcd's own tool.</summary>
internal sealed class VerifyScenario : Scenario
{
    private string _file = null!;
    private string _etcdutl = null!;

    /// <inheritdoc/>
    public override string Name => "verify";

    /// <inheritdoc/>
    public override string Ours => "Test-EtcdSnapshot of a database of 1 GiB";

    /// <inheritdoc/>
    public override string Reference => "sha256sum, then etcdutl snapshot status";

    /// <inheritdoc/>
    public override double Target => 0.8;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _file = await BenchFiles.DatabaseAsync(settings.Bytes(1024), settings.Say, cancellationToken);
        _etcdutl = Path.Combine(await EtcdPackages.GetAsync("3.5", settings.Say, cancellationToken), "etcdutl");
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        MeasureAsync(null, null, $"Test-EtcdSnapshot '{_file}'", cancellationToken);

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        var sum = await OpenSsh.TimeAsync("sha256sum", [_file], cancellationToken);
        var status = await OpenSsh.TimeAsync(_etcdutl, ["snapshot", "status", _file, "-w", "json"], cancellationToken);
        return new Measurement(sum.Seconds + status.Seconds);
    }
}
