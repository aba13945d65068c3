using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>The cutover of a stage that was made before: how long the API is away does not depend on the size of the database.</summary>
internal sealed class WarmStandbyScenario : Scenario
{
    private RestoreLab? _lab;
    private string _small = null!;

    /// <inheritdoc/>
    public override string Name => "warm-standby";

    /// <inheritdoc/>
    public override string Ours => "API away in the cutover of a stage of 1 GiB that was made before";

    /// <inheritdoc/>
    public override string Reference => "the same with 20 MiB";

    /// <inheritdoc/>
    public override double Target => 1.15;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        // The small snapshot comes from another cluster with the same node names, as the primary's does at its secondary.
        var other = await labs.GetAsync(RestoreAwayScenario.Options(settings.Bytes(20)), cancellationToken);
        await using (var small = await RestoreLab.CreateAsync(other, Path.Combine(settings.WorkDirectory, "small"), cancellationToken))
        {
            _small = small.Snapshot;
        }

        var lab = await labs.GetAsync(RestoreAwayScenario.Options(settings.Bytes(1024)), cancellationToken);
        _lab = await RestoreLab.CreateAsync(lab, Path.Combine(settings.WorkDirectory, "large"), cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => CutOverAsync(_lab!.Snapshot, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => CutOverAsync(_small, cancellationToken);

    private async Task<Measurement> CutOverAsync(string snapshot, CancellationToken cancellationToken)
    {
        await _lab!.StageAsync(snapshot, cancellationToken);
        return await _lab!.AwayAsync(() => _lab!.RestoreAsync(snapshot, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
