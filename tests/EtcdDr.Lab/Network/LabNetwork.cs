using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Network;

/// <summary>A site's network: a bridge of this machine with a /24 that nothing else here uses. This machine is the bastion, with .1, and
/// the front end's .10.</summary>
internal static class LabNetwork
{
    private const int FirstOctet = 10;

    /// <summary>Makes a bridge per site with a free subnet each, safe against other labs doing the same now.</summary>
    /// <returns>Bridge and subnet (first three bytes) per site.</returns>
    public static async Task<IReadOnlyList<(string Bridge, string Subnet)>> CreateAsync(
        int sites,
        string labDirectory,
        CancellationToken cancellationToken
    )
    {
        using var alone = await LabCache.LockAsync(cancellationToken);
        var made = new List<(string Bridge, string Subnet)>();
        foreach (var (second, third) in FreeSubnets().Take(sites))
        {
            var bridge = $"edr{second:x2}{third:x2}";
            var subnet = $"{FirstOctet}.{second}.{third}";
            const string script = """
                ip link add "$1" type bridge forward_delay 0 mcast_snooping 0
                ip link set "$1" alias "$3"
                ip addr add "$2.1/24" dev "$1"
                ip addr add "$2.10/24" dev "$1"
                ip link set "$1" up
                """;
            await Tool.ShellAsync(script, [bridge, subnet, labDirectory], cancellationToken);
            made.Add((bridge, subnet));
        }

        return made;
    }

    /// <summary>The bridges that a lab made, by their alias.</summary>
    public static IReadOnlyList<string> BridgesOf(string labDirectory) =>
        [
            .. Directory
                .EnumerateDirectories("/sys/class/net")
                .Where(link =>
                    File.Exists(Path.Combine(link, "ifalias")) && File.ReadAllText(Path.Combine(link, "ifalias")).Trim() == labDirectory
                )
                .Select(link => Path.GetFileName(link)),
        ];

    /// <summary>Links of nodes to a bridge, by their names: also those whose bridge let go of them.</summary>
    public static IReadOnlyList<string> PortsOf(string bridge) =>
        [
            .. Directory
                .EnumerateDirectories("/sys/class/net")
                .Select(link => Path.GetFileName(link))
                .Where(name => name.StartsWith(bridge + "n", StringComparison.Ordinal)),
        ];

    private static IEnumerable<(int Second, int Third)> FreeSubnets()
    {
        var used = NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Where(a => a.Address.AddressFamily == AddressFamily.InterNetwork)
            .ToList();
        return from second in Enumerable.Range(180, 60)
            from third in Enumerable.Range(0, 256)
            let network = new IPAddress([FirstOctet, (byte)second, (byte)third, 0])
            where !used.Any(a => Overlap(a, network))
            select (second, third);
    }

    private static bool Overlap(UnicastIPAddressInformation used, IPAddress network)
    {
        var length = Math.Min(used.PrefixLength, 24);
        return new IPNetwork(Mask(used.Address, length), length).Contains(network);
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        var value = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        value &= length == 0 ? 0 : uint.MaxValue << (32 - length);
        return new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }
}
