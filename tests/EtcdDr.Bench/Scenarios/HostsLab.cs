using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;
using EtcdDr.Lab.Nodes;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A lab of hosts with sshd and nothing else, for scenarios that only move files; and what they move.</summary>
internal sealed class HostsLab
{
    /// <summary>Where copies go on a host.</summary>
    public const string Target = "/var/backups/bench";

    private static readonly LabOptions Options = new()
    {
        ControlPlanes = 1,
        Workers = 3,
        Secondary = false,
        Kubelet = false,
        WaitForApi = false,
    };

    private readonly Lab.Lab _lab;

    private HostsLab(Lab.Lab lab) => _lab = lab;

    /// <summary>The lab's profile.</summary>
    public string Profile => _lab.ProfilePath;

    /// <summary>The hosts.</summary>
    public IReadOnlyList<LabNode> Hosts => [.. _lab.Primary.Workers];

    /// <summary>OpenSSH with the lab's key.</summary>
    public OpenSsh OpenSsh => new(_lab);

    /// <summary>The lab.</summary>
    public Lab.Lab Lab => _lab;

    /// <summary>Makes it, or takes the one at hand.</summary>
    public static async Task<HostsLab> GetAsync(LabHouse labs, CancellationToken cancellationToken)
    {
        var lab = new HostsLab(await labs.GetAsync(Options, cancellationToken));
        await lab.ClearAsync(cancellationToken);
        return lab;
    }

    /// <summary>Makes the target directory of every host empty.</summary>
    public Task ClearAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Hosts.Select(host => host.RunAsync($"rm -rf {Target}; mkdir -p {Target}; chown opc: {Target}", cancellationToken)));

    /// <summary>The target directory of a host, as both the module and scp write it.</summary>
    public string Place(LabNode host) => $"{_lab.SshUser}@{host.Address}:{Target}";

    /// <summary>What a session runs first: how Copy-EtcdSnapshot logs in to the lab's hosts.</summary>
    public string LogIn(int port = 22, string? knownHosts = null) =>
        $"""
            $PSDefaultParameterValues['Copy-EtcdSnapshot:KeyFile'] = '{_lab.SshKeyFile}'
            $PSDefaultParameterValues['Copy-EtcdSnapshot:KnownHostsFile'] = '{knownHosts ?? _lab.KnownHostsFile}'
            $PSDefaultParameterValues['Copy-EtcdSnapshot:SshPort'] = {port}
            """;
}
