using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary>Breaks a cluster before a restore into it begins, does what the module's refusal asks for, and mends what is still broken
/// afterwards.</summary>
internal sealed class BrokenCluster(LabCluster cluster, LabApi api, Beginning beginning, LabNode struck)
{
    private const int SlowWritesPerSecond = 40;
    private const string Bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

    // A database that is not one, in place of the live one, which is kept beside: etcd is killed, and does not start again with it.
    private const string Spoil = """
        mkdir -p /var/lib/lab-kept
        ln /var/lib/etcd/member/snap/db /var/lib/lab-kept/db
        head -c 65536 /dev/urandom > /var/lib/lab-kept/rubbish; chmod 600 /var/lib/lab-kept/rubbish
        mv -f /var/lib/lab-kept/rubbish /var/lib/etcd/member/snap/db
        pkill -9 -x etcd || :
        """;

    private const string Unspoil = """
        [ -e /var/lib/lab-kept/db ] || exit 0
        mv -f /var/lib/lab-kept/db /var/lib/etcd/member/snap/db; rm -rf /var/lib/lab-kept
        pkill -9 -x etcd || :
        """;

    private readonly Dictionary<string, string> _rubbish = new(StringComparer.Ordinal);

    /// <summary>Members whose database is rubbish.</summary>
    public IReadOnlyList<LabNode> Spoiled { get; } =
        beginning switch
        {
            Beginning.NoQuorum => [.. cluster.ControlPlane.Skip(1)],
            Beginning.CorruptMember => [cluster.ControlPlane.Last()],
            _ => [],
        };

    /// <summary>What the previous state can do when it is back.</summary>
    public bool PreviousStateServes => beginning != Beginning.NoQuorum;

    /// <summary>What the module must say, by name, before anything is done; null where it must go ahead.</summary>
    public IReadOnlyList<string>? Refusal =>
        beginning switch
        {
            Beginning.NodeAway => ["HostUnreachable", struck.Name],
            Beginning.ExpiredCertificates => ["RestoreRefused", "[Certificates]", struck.Name, "etcd/server.crt"],
            _ => null,
        };

    /// <summary>What it must not say then, because it is not so.</summary>
    public IReadOnlyList<string> Untrue => beginning == Beginning.ExpiredCertificates ? ["it leads elsewhere"] : [];

    /// <summary>Breaks it.</summary>
    public async Task BreakAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Spoiled.Select(node => node.RunAsync(Spoil, cancellationToken)));
        foreach (var node in Spoiled)
        {
            _rubbish[node.Name] = await SumAsync(node, cancellationToken);
        }

        switch (beginning)
        {
            case Beginning.NodeAway:
                await struck.PowerOffAsync(cancellationToken);
                break;
            case Beginning.ApiRefusing:
                await api.DeleteAsync($"{Bindings}/{KubeadmObjects.Administrators}", cancellationToken);
                break;
            case Beginning.ExpiredCertificates:
                await struck.ExpireCertificatesAsync(cancellationToken);
                break;
            case Beginning.SlowDisk:
                await struck.SlowDiskAsync(SlowWritesPerSecond, cancellationToken);
                break;
        }
    }

    /// <summary>Does what the refusal asks for.</summary>
    public Task RemedyAsync(CancellationToken cancellationToken) =>
        beginning switch
        {
            Beginning.NodeAway => struck.PowerOnAsync(cancellationToken),
            Beginning.ExpiredCertificates => struck.RenewCertificatesAsync(cancellationToken),
            _ => Task.CompletedTask,
        };

    /// <summary>Makes sure that what was rubbish before is the same rubbish: putting back means as it was.</summary>
    /// <exception cref="LabException">It is not.</exception>
    public async Task ExpectAsItWasAsync(CancellationToken cancellationToken)
    {
        foreach (var node in Spoiled)
        {
            if (await SumAsync(node, cancellationToken) != _rubbish[node.Name])
            {
                throw new LabException($"The database of {node.Name} is not the one that it had before.");
            }
        }

        if (
            beginning == Beginning.ApiRefusing
            && await api.GetAsync($"{Bindings}/{KubeadmObjects.Administrators}", cancellationToken) is not null
        )
        {
            throw new LabException("The binding that the previous state lacked is there.");
        }
    }

    /// <summary>Mends the previous state where it is back, and takes back what lasts in either.</summary>
    public async Task MendAsync(bool previousState, CancellationToken cancellationToken)
    {
        if (beginning == Beginning.SlowDisk && struck.Init is not null)
        {
            await struck.FreeDiskSpeedAsync(cancellationToken);
        }

        await Task.WhenAll(Spoiled.Select(node => node.RunAsync(previousState ? Unspoil : "rm -rf /var/lib/lab-kept", cancellationToken)));
        if (previousState && beginning == Beginning.ApiRefusing)
        {
            await api.CreateAsync(Bindings, KubeadmObjects.AdministratorsBinding(), cancellationToken);
        }
    }

    private static async Task<string> SumAsync(LabNode node, CancellationToken cancellationToken) =>
        (await node.RunAsync("sha256sum < /var/lib/etcd/member/snap/db", cancellationToken)).Trim();
}
