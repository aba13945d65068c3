using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Seven control-plane nodes beside three. Both clusters run on this machine all the time and share its processors; behind a link of its
/// own to each node, as between machines, less of it is processor time.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="rate">Rate of the link to each node, as tc takes it; null for one as fast as the machine.</param>
internal sealed class RestoreWiderScenario(string name, string? rate = null) : Scenario
{
    private readonly LabOptions _options = new()
    {
        Workers = 0,
        Secondary = false,
        ToolsOnPath = true,
    };
    private Lab.Lab? _three;
    private Lab.Lab? _seven;
    private RestoreLab? _narrow;
    private RestoreLab? _wide;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Ours =>
        $"from Restore-EtcdSnapshot to a ready API, seven control-plane nodes{(rate is null ? string.Empty : $", {rate} to each")}";

    /// <inheritdoc/>
    public override string Reference => "three, ours";

    /// <inheritdoc/>
    public override double Target => 1.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        await labs.DisposeAsync();
        var options = _options with { DbSize = settings.Bytes(200), Say = settings.Say };
        _three = await Lab.Lab.UpAsync(options, cancellationToken);
        _seven = await Lab.Lab.UpAsync(options with { ControlPlanes = 7 }, cancellationToken);
        _narrow = await RestoreLab.CreateAsync(_three, Path.Combine(settings.WorkDirectory, "three"), cancellationToken);
        _wide = await RestoreLab.CreateAsync(_seven, Path.Combine(settings.WorkDirectory, "seven"), cancellationToken);
        await Task.WhenAll(_narrow.SlowLinksAsync(rate, cancellationToken), _wide.SlowLinksAsync(rate, cancellationToken));
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        _wide!.RestoreAsync(_wide!.Snapshot, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) =>
        _narrow!.RestoreAsync(_narrow!.Snapshot, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_narrow, _wide, _three, _seven])
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        await base.DisposeAsync();
    }
}
