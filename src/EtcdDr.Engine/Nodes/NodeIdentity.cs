using System.Net;

namespace EtcdDr.Engine.Nodes;

/// <summary>What a node says of itself that objects of the API claim as well: as it is, whatever state is restored.</summary>
internal sealed record NodeIdentity
{
    /// <summary>The provider's name of the machine that the kubelet is told by its configuration; null where it is told none.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The machine's own identifier (DMI product UUID); null where it has none.</summary>
    public string? MachineId { get; init; }

    /// <summary>Networks of the bridges that pods are attached to; empty where the node has no such bridge.</summary>
    public IReadOnlyList<IPNetwork> PodNetworks { get; init; } = [];

    /// <summary>PersistentVolumes that CSI drivers have mounted for pods of the node.</summary>
    public IReadOnlySet<string> Volumes { get; init; } = new HashSet<string>();

    /// <summary>Reads what <see cref="NodeCommands.Identity"/> printed.</summary>
    public static NodeIdentity Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 2)).Where(l => l.Length == 2).ToList();
        IEnumerable<string> Of(string name) => lines.Where(l => l[0] == name).Select(l => l[1].Trim()).Where(v => v.Length > 0);
        return new NodeIdentity
        {
            ProviderId = Of("provider").FirstOrDefault(),
            MachineId = Of("machine").FirstOrDefault(),
            PodNetworks = [.. Of("bridge").Select(Network).OfType<IPNetwork>()],
            Volumes = Of("volume").ToHashSet(StringComparer.Ordinal),
        };
    }

    // A bridge's own address is a host's; its network is what is compared.
    private static IPNetwork? Network(string address)
    {
        var parts = address.Split('/');
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out var ip) || !int.TryParse(parts[1], out var length))
        {
            return null;
        }

        var bytes = ip.GetAddressBytes();
        if (length < 0 || length > bytes.Length * 8)
        {
            return null;
        }

        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }
}
