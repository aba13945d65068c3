using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Three hosts at once beside one, each behind a link of its own; the links are the limit, as between machines, and not this
/// machine's cores.</summary>
internal sealed class CopyManyScenario : Scenario
{
    private const string Rate = "400mbit";
    private HostsLab _lab = null!;
    private string _snapshot = null!;

    /// <inheritdoc/>
    public override string Name => "copy-many";

    /// <inheritdoc/>
    public override string Ours => "Copy-EtcdSnapshot of 1 GiB to three hosts at once, 400 Mbit/s to each";

    /// <inheritdoc/>
    public override string Reference => "the same to one of them";

    /// <inheritdoc/>
    public override double Target => 1.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await HostsLab.GetAsync(labs, cancellationToken);
        _snapshot = await BenchFiles.RandomSnapshotAsync(settings.WorkDirectory, settings.Bytes(1024), cancellationToken);
        foreach (var host in _lab.Hosts)
        {
            await host.SlowLinkAsync(Rate, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) => CopyAsync(3, cancellationToken);

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken) => CopyAsync(1, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var host in _lab?.Hosts ?? [])
        {
            await host.FreeLinkAsync();
        }

        await base.DisposeAsync();
    }

    private async Task<Measurement> CopyAsync(int hosts, CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        var places = string.Join(",", _lab.Hosts.Take(hosts).Select(_lab.Place));
        return await MeasureAsync(
            _lab.Profile,
            _lab.LogIn(),
            $"Copy-EtcdSnapshot -Path '{_snapshot}' -Destination {places}",
            cancellationToken
        );
    }
}
