using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A whole snapshot beside what the shell scripts did: save on the node, fetch, and each node's configuration one after the
/// other.</summary>
internal sealed class SnapshotScenario(string name, int mebibytes, double target) : Scenario
{
    private const string Save = """
        sudo env ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \
            --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key \
            snapshot save /var/backups/bench.db >/dev/null 2>&1 && sudo chown opc /var/backups/bench.db
        """;

    private const string Archive =
        "sudo tar -czf /var/backups/bench.tar.gz -C / etc/kubernetes && sudo chown opc /var/backups/bench.tar.gz";

    private Lab.Lab _lab = null!;
    private string _work = null!;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Ours => $"New-EtcdSnapshot with a database of {mebibytes} MiB, everything in it";

    /// <inheritdoc/>
    public override string Reference =>
        "ssh etcdctl snapshot save, scp of it, then tar and scp of three nodes' /etc/kubernetes one after the other";

    /// <inheritdoc/>
    public override double Target => target;

    private string Ourselves => Path.Combine(_work, "ours");

    private string Theirs => Path.Combine(_work, "theirs");

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await labs.GetAsync(RestoreAwayScenario.Options(settings.Bytes(mebibytes)), cancellationToken);
        _work = Directory.CreateDirectory(Path.Combine(settings.WorkDirectory, name)).FullName;
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunOursAsync(CancellationToken cancellationToken)
    {
        Clear(Ourselves);
        return await MeasureAsync(
            _lab.ProfilePath,
            null,
            $"Get-EtcdCluster primary | New-EtcdSnapshot -Path '{Ourselves}'",
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        Clear(Theirs);
        var ssh = new OpenSsh(_lab);
        var nodes = _lab.Primary.ControlPlane.ToList();
        var seconds = (await ssh.RunAsync(nodes[0].Address, Save, cancellationToken)).Seconds;
        seconds += (await ssh.ScpAsync(ssh.Place(nodes[0].Address, "/var/backups/bench.db"), Theirs, cancellationToken)).Seconds;
        foreach (var node in nodes)
        {
            seconds += (await ssh.RunAsync(node.Address, Archive, cancellationToken)).Seconds;
            seconds += (
                await ssh.ScpAsync(
                    ssh.Place(node.Address, "/var/backups/bench.tar.gz"),
                    Path.Combine(Theirs, $"{node.Name}.tar.gz"),
                    cancellationToken
                )
            ).Seconds;
        }

        await nodes[0].RunAsync("rm -f /var/backups/bench.db", cancellationToken);
        return new Measurement(seconds);
    }

    private static void Clear(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
    }
}
