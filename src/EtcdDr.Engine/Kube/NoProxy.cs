using System.Globalization;
using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>Reads <c>NO_PROXY</c> as kubectl does (golang.org/x/net/http/httpproxy).</summary>
internal static class NoProxy
{
    /// <summary>
    /// Whether a server is reached without the environment's proxy: loopback always; else by <c>*</c>, an address, a network (10.0.0.0/8),
    /// a domain and all names below it (example.test), or only the names below it (.example.test), each but <c>*</c> and networks with an
    /// optional port.
    /// </summary>
    /// <param name="list">The variable's value; null where it is not set.</param>
    /// <param name="server">The server.</param>
    public static bool Covers(string? list, Uri server) =>
        server.IsLoopback
        || (list ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Any(entry => Matches(entry, server));

    private static bool Matches(string entry, Uri server)
    {
        var host = server.IdnHost;
        var address = IPAddress.TryParse(host, out var ip) ? ip : null;
        if (entry == "*")
        {
            return true;
        }

        if (IPNetwork.TryParse(entry, out var network))
        {
            return address is not null && network.Contains(address);
        }

        if (IPAddress.TryParse(entry, out var whole))
        {
            return whole.Equals(address);
        }

        var (name, port) = Split(entry);
        if (port is not null && port != server.Port)
        {
            return false;
        }

        if (IPAddress.TryParse(name, out var single))
        {
            return single.Equals(address);
        }

        var domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name;
        return domain.StartsWith('.')
            ? host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            : host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);
    }

    private static (string Name, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        return
            colon > entry.LastIndexOf(']')
            && int.TryParse(entry[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon], port)
            : (entry, null);
    }
}
