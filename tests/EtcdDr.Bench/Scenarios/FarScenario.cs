using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A cmdlet for all nodes of a lab beside the same for the first node of each cluster, both over a long way: what is waited for is
/// the way, not this machine's processors.</summary>
internal abstract class FarScenario : Scenario
{
    private FarSites? _sites;
    private string _single = null!;

    /// <summary>The lab that it wants.</summary>
    protected abstract LabOptions Lab { get; }

    /// <summary>How long a byte is on its way, in each direction.</summary>
    protected abstract TimeSpan OneWay { get; }

    /// <summary>What is timed.</summary>
    protected abstract string Script { get; }

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var lab = await labs.GetAsync(Lab, cancellationToken);
        _sites = await FarSites.OpenAsync(lab, OneWay, settings.WorkDirectory, cancellationToken);
        _single = Path.Combine(settings.WorkDirectory, "far-single.yaml");
        await File.WriteAllLinesAsync(
            _single,
            LabProfileText.OnlyFirstNodes(await File.ReadAllLinesAsync(_sites.Profile, cancellationToken)),
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        MeasureAsync(_sites!.Profile, null, Script, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) =>
        MeasureAsync(_single, null, Script, cancellationToken);

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
