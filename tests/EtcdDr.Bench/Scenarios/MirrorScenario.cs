using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Two clusters of six nodes beside one control-plane node of each, which is asked for more than a worker: the cost follows the slowest node, not the number. All
/// twelve nodes run on this machine's processors, so the way to them is made long: what is waited for then is the way, as between machines.
/// </summary>
internal sealed class MirrorScenario : Scenario
{
    private const string Script = """
        $checks = Test-ClusterMirror -Primary primary -Secondary secondary
        $failed = @($checks | Where-Object Status -eq Fail)
        if ($failed) { throw "The pair is not fit: $($failed.Message)" }
        """;

    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(200);
    private FarSites? _sites;
    private string _single = null!;

    /// <inheritdoc/>
    public override string Name => "mirror";

    /// <inheritdoc/>
    public override string Ours => "Test-ClusterMirror of two clusters of six nodes, 400 ms round trip";

    /// <inheritdoc/>
    public override string Reference => "of one control-plane node of each";

    /// <inheritdoc/>
    public override double Target => 1.25;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var lab = await labs.GetAsync(new LabOptions { ControlPlanes = 3, Workers = 3 }, cancellationToken);
        _sites = await FarSites.OpenAsync(lab, OneWay, settings.WorkDirectory, cancellationToken);
        _single = Path.Combine(settings.WorkDirectory, "far-single.yaml");
        await File.WriteAllLinesAsync(_single, LabProfileText.OnlyFirstNodes(await File.ReadAllLinesAsync(_sites.Profile, cancellationToken)), cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => MeasureAsync(_sites!.Profile, null, Script, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => MeasureAsync(_single, null, Script, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_sites is not null)
        {
            await _sites.DisposeAsync();
        }
    }
}
