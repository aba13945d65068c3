using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>One large file of random bytes to one host, checked there block by block, beside <c>scp -q</c>, which checks nothing.</summary>
internal class CopyScenario : Scenario
{
    private HostsLab _lab = null!;
    private string _file = null!;

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
        _file = await MakeFileAsync(settings, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunOursAsync(CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        return await MeasureAsync(_lab.Profile, Setup, $"Copy-EtcdSnapshot -Path '{_file}' -Destination {OurPlace}", cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        await _lab.ClearAsync(cancellationToken);
        return await ScpAsync(_file, cancellationToken);
    }

    /// <summary>What the session runs before, untimed.</summary>
    protected virtual string Setup => _lab.LogIn();

    /// <summary>Where the module copies to.</summary>
    protected virtual string OurPlace => _lab.Place(_lab.Hosts[0]);

    /// <summary>Makes the file that is copied.</summary>
    protected virtual Task<string> MakeFileAsync(BenchSettings settings, CancellationToken cancellationToken) =>
        Task.FromResult(BenchFiles.Random(settings.WorkDirectory, settings.Bytes(1024)));

    /// <summary>The reference.</summary>
    protected virtual Task<Measurement> ScpAsync(string file, CancellationToken cancellationToken) =>
        _lab.OpenSsh.ScpAsync(file, _lab.Place(_lab.Hosts[0]), cancellationToken);
}
