using System.Diagnostics;
using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// From the command to a ready API, beside the same by hand: one node after the other, as the shell scripts did. Three nodes' work is on
/// this machine's processors, so that doing it at once gains little; behind a link of its own to each node, as between machines, the links
/// are what is waited for.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="rate">Rate of the link to each node, as tc takes it; null for one as fast as the machine.</param>
internal sealed class RestoreTotalScenario(string name, string? rate = null) : Scenario
{
    private const string Received = "/var/backups/bench.db";
    private RestoreLab? _lab;
    private string _database = null!;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Ours =>
        $"from Restore-EtcdSnapshot to a ready API, 1 GiB, three nodes{(rate is null ? string.Empty : $", {rate} to each")}";

    /// <inheritdoc/>
    public override string Reference => "by hand, one node after the other: stop, scp, etcdutl snapshot restore, start";

    /// <inheritdoc/>
    public override double Target => 0.5;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        var lab = await labs.GetAsync(RestoreAwayScenario.Options(settings.Bytes(1024)), cancellationToken);
        _lab = await RestoreLab.CreateAsync(lab, Path.Combine(settings.WorkDirectory, Name), cancellationToken);
        _database = Path.Combine(_lab!.Snapshot, "etcd-snapshot.db");
        await _lab.SlowLinksAsync(rate, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunOursAsync(CancellationToken cancellationToken) =>
        _lab!.RestoreAsync(_lab!.Snapshot, cancellationToken);

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var node in _lab!.Nodes)
        {
            await _lab!.OpenSsh.RunAsync(node.Address, Sudo(PlainControlPlane.StopApi), cancellationToken);
            await _lab!.OpenSsh.RunAsync(node.Address, Sudo(PlainControlPlane.StopEtcd), cancellationToken);
        }

        var members = string.Join(',', _lab!.Nodes.Select(n => $"{n.Name}=https://{n.Address}:2380"));
        foreach (var node in _lab!.Nodes)
        {
            await _lab!.OpenSsh.ScpAsync(_database, _lab!.OpenSsh.Place(node.Address, "/home/opc/bench.db"), cancellationToken);
            await _lab!.OpenSsh.RunAsync(
                node.Address,
                Sudo(
                    $"""
                    mv /home/opc/bench.db {Received}; rm -rf /var/lib/bench-etcd
                    etcdutl snapshot restore {Received} --name {node.Name} --initial-cluster {members} --initial-cluster-token bench \
                        --initial-advertise-peer-urls https://{node.Address}:2380 --data-dir /var/lib/bench-etcd >/dev/null 2>&1
                    rm -rf /var/lib/etcd/member && mv /var/lib/bench-etcd/member /var/lib/etcd/ && rm -f {Received}
                    """
                ),
                cancellationToken
            );
        }

        foreach (var node in _lab!.Nodes)
        {
            await _lab!.OpenSsh.RunAsync(
                node.Address,
                Sudo("mv /etc/kubernetes/bench-held/*.yaml /etc/kubernetes/manifests/; rmdir /etc/kubernetes/bench-held"),
                cancellationToken
            );
        }

        await _lab!.WaitForApiAsync(cancellationToken);
        return new Measurement(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static string Sudo(string script) => $"sudo sh -euc {Engine.Ssh.Commands.ShellQuoting.Quote(script)}";

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await Task.WhenAll(_lab.Nodes.Select(node => rate is null ? Task.CompletedTask : node.FreeLinkAsync()));
            await _lab.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
