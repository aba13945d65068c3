using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>How long the API is away for a restore, beside a stop and start that changes nothing; both as a prober sees it.</summary>
internal sealed class RestoreAwayScenario : Scenario
{
    private RestoreLab? _lab;

    /// <inheritdoc/>
    public override string Name => "restore-away";

    /// <inheritdoc/>
    public override string Ours => "API away in a restore of 1 GiB into three nodes";

    /// <inheritdoc/>
    public override string Reference => "in a plain stop and start of the same control plane in best order";

    /// <inheritdoc/>
    public override double Target => 1.3;

    /// <summary>The lab that restores of three nodes share.</summary>
    public static LabOptions Options(long bytes) =>
        new()
        {
            Workers = 0,
            Secondary = false,
            DbSize = bytes,
            ToolsOnPath = true,
        };

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var lab = await labs.GetAsync(Options(settings.Bytes(1024)), cancellationToken);
        _lab = await RestoreLab.CreateAsync(lab, Path.Combine(settings.WorkDirectory, Name), cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        _lab!.AwayAsync(() => _lab!.RestoreAsync(_lab!.Snapshot, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) =>
        _lab!.AwayAsync(
            async () =>
            {
                await PlainControlPlane.BounceAsync(_lab!, cancellationToken);
                return new Measurement(0);
            },
            cancellationToken
        );

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
