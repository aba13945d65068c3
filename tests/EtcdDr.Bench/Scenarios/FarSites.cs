using System.Globalization;
using System.Text;
using EtcdDr.Bench.Measuring;

namespace EtcdDr.Bench.Scenarios;

/// <summary>A lab's sites as a machine far away has them: relays hold every byte on its way to each node's SSH server and to each front
/// end.</summary>
internal sealed class FarSites : IAsyncDisposable
{
    private readonly List<DelayingRelay> _relays = [];

    private FarSites(string profile) => Profile = profile;

    /// <summary>The profile that leads through the relays.</summary>
    public string Profile { get; }

    /// <summary>Opens the relays and writes the profile.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="oneWay">How long a byte is on its way, in each direction.</param>
    /// <param name="directory">Where the profile goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<FarSites> OpenAsync(Lab.Lab lab, TimeSpan oneWay, string directory, CancellationToken cancellationToken)
    {
        var sites = new FarSites(Path.Combine(directory, "far.yaml"));
        var profile = await File.ReadAllTextAsync(lab.ProfilePath, cancellationToken);
        var ssh = new StringBuilder();
        foreach (var cluster in lab.Clusters)
        {
            foreach (var node in cluster.Nodes)
            {
                // Addresses stay the nodes' own, as they are what the checks compare; only the way there is another.
                var port = sites.Relay(node.Address, 22, oneWay);
                ssh.Append(
                    CultureInfo.InvariantCulture,
                    $"Host {node.Address}\n  HostName 127.0.0.1\n  Port {port}\n  HostKeyAlias {node.Address}\n"
                );
            }

            var front = sites.Relay(cluster.EndpointAddress, cluster.EndpointPort, oneWay);
            profile = profile.Replace(
                $"serverAddress: {cluster.EndpointAddress}\n",
                string.Create(CultureInfo.InvariantCulture, $"serverAddress: 127.0.0.1:{front}\n"),
                StringComparison.Ordinal
            );
        }

        var configuration = Path.Combine(directory, "far.ssh");
        await File.WriteAllTextAsync(configuration, ssh.ToString(), cancellationToken);

        // A login takes ten round trips, and this machine plays the nodes too.
        var far = profile.Replace(
            "configFile: none",
            $"configFile: {configuration}\n    connectTimeoutSeconds: 60",
            StringComparison.Ordinal
        );
        await File.WriteAllTextAsync(sites.Profile, far, cancellationToken);
        return sites;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }
    }

    private int Relay(string address, int port, TimeSpan oneWay)
    {
        var relay = new DelayingRelay(address, port, oneWay);
        _relays.Add(relay);
        return relay.Port;
    }
}
