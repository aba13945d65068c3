using System.Globalization;
using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>The same link with a round trip of 80 ms: a relay on this machine holds every byte for 40 ms in each direction.</summary>
internal sealed class CopyFarScenario : CopyRealDataScenario
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(40);
    private DelayingRelay? _relay;
    private string _knownHosts = null!;

    /// <inheritdoc/>
    public override string Name => "copy-far";

    /// <inheritdoc/>
    public override string Ours => "the same with 80 ms round trip";

    /// <inheritdoc/>
    protected override string Setup => Lab.LogIn(_relay!.Port, _knownHosts);

    /// <inheritdoc/>
    protected override string OurPlace => $"{Lab.Lab.SshUser}@127.0.0.1:{HostsLab.Target}";

    private string Port => _relay!.Port.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        await base.PrepareAsync(labs, settings, cancellationToken);
        _relay = new DelayingRelay(Lab.Hosts[0].Address, 22, OneWay);
        _knownHosts = Path.Combine(settings.WorkDirectory, "known_hosts");
        var key = File.ReadLines(Lab.Lab.KnownHostsFile).First(line => line.Contains(Lab.Hosts[0].Address, StringComparison.Ordinal));
        await File.WriteAllTextAsync(_knownHosts, $"[127.0.0.1]:{Port} {string.Join(' ', key.Split(' ').Skip(1))}\n", cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override Task<Measurement> ScpAsync(string file, CancellationToken cancellationToken) =>
        new OpenSsh(Lab.Lab, _knownHosts).ScpAsync(file, OurPlace, cancellationToken, _relay!.Port);
}
