using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Three nodes behind one slow line, which reach each other without it: the database crosses the line once and is passed on, beside a copy
/// for each node.
/// </summary>
internal sealed class RestoreFanOutScenario : Scenario
{
    private const string Rate = "200mbit";
    private const string Port = "12380";
    private Lab.Lab? _lab;
    private RestoreLab? _passedOn;
    private RestoreLab? _each;

    /// <inheritdoc/>
    public override string Name => "restore-fan-out";

    /// <inheritdoc/>
    public override string Ours => $"Restore-EtcdSnapshot -StageOnly of 200 MiB, three nodes behind one line of {Rate}, with fanOutPort";

    /// <inheritdoc/>
    public override string Reference => "without it, ours";

    /// <inheritdoc/>
    public override double Target => 0.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        await labs.DisposeAsync();
        _lab = await Lab.Lab.UpAsync(RestoreAwayScenario.Options(settings.Bytes(200)) with { Say = settings.Say }, cancellationToken);
        var profile = Path.Combine(settings.WorkDirectory, "fan-out.yaml");
        var text = await File.ReadAllTextAsync(_lab.ProfilePath, cancellationToken);
        await File.WriteAllTextAsync(
            profile,
            text.Replace("clusters:\n", $"  etcd:\n    fanOutPort: {Port}\nclusters:\n", StringComparison.Ordinal),
            cancellationToken
        );
        _passedOn = await RestoreLab.CreateAsync(_lab, Path.Combine(settings.WorkDirectory, Name), cancellationToken, profile);
        _each = await RestoreLab.CreateAsync(_lab, Path.Combine(settings.WorkDirectory, Name), cancellationToken);
        await _lab.Primary.SlowLineAsync(Rate, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => _passedOn!.MeasureStageAsync(cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => _each!.MeasureStageAsync(cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_passedOn, _each, _lab])
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        await base.DisposeAsync();
    }
}
