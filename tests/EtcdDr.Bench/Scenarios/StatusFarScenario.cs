using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Seven members beside one of them, as seen from another site: what is waited for is the way to the slowest, and not the two processors that all seven share with the
/// session on this machine.
/// </summary>
internal sealed class StatusFarScenario : Scenario
{
    private const string Script = "Get-EtcdCluster primary | Get-EtcdStatus";
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(40);
    private FarSites? _sites;
    private string _one = null!;

    /// <inheritdoc/>
    public override string Name => "status-far";

    /// <inheritdoc/>
    public override string Ours => "Get-EtcdStatus of seven members, 80 ms round trip";

    /// <inheritdoc/>
    public override string Reference => "of one";

    /// <inheritdoc/>
    public override double Target => 1.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var lab = await labs.GetAsync(StatusScenario.Options, cancellationToken);
        _sites = await FarSites.OpenAsync(lab, OneWay, settings.WorkDirectory, cancellationToken);
        _one = Path.Combine(settings.WorkDirectory, "far-one.yaml");
        await File.WriteAllLinesAsync(_one, LabProfileText.OnlyFirstNodes(await File.ReadAllLinesAsync(_sites.Profile, cancellationToken)), cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => MeasureAsync(_sites!.Profile, null, Script, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => MeasureAsync(_one, null, Script, cancellationToken);

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
