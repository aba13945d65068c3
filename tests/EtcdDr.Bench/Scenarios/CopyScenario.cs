using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A snapshot with a database of random bytes to one host, checked there, beside <c>scp -q</c> of the database, which checks
/// nothing.</summary>
internal class CopyScenario : Scenario
{
    private HostsLab _lab = null!;
    private string _snapshot = null!;

    /// <inheritdoc/>
    public override string Name => "copy";

    /// <inheritdoc/>
    public override string Ours => "Copy-EtcdSnapshot of 1 GiB random bytes to one host";

    /// <inheritdoc/>
    public override string Reference => "scp -q";

    /// <inheritdoc/>
    public override double Target => 1.1;

    /// <summary>The lab.</summary>
    protected HostsLab Lab => _lab;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await HostsLab.GetAsync(labs, cancellationToken);
        _snapshot = await MakeSnapshotAsync(settings, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunOursAsync(CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        return await MeasureAsync(_lab.Profile, Setup, $"Copy-EtcdSnapshot -Path '{_snapshot}' -Destination {OurPlace}", cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        return await ScpAsync(Path.Combine(_snapshot, BenchFiles.Database), cancellationToken);
    }

    /// <summary>What the session runs before, untimed.</summary>
    protected virtual string Setup => _lab.LogIn();

    /// <summary>Where the module copies to.</summary>
    protected virtual string OurPlace => _lab.Place(_lab.Hosts[0]);

    /// <summary>Makes the snapshot that is copied.</summary>
    protected virtual Task<string> MakeSnapshotAsync(BenchSettings settings, CancellationToken cancellationToken) =>
        BenchFiles.RandomSnapshotAsync(settings.WorkDirectory, settings.Bytes(1024), cancellationToken);

    /// <summary>The reference.</summary>
    protected virtual Task<Measurement> ScpAsync(string file, CancellationToken cancellationToken) =>
        _lab.OpenSsh.ScpAsync(file, _lab.Place(_lab.Hosts[0]), cancellationToken);
}
