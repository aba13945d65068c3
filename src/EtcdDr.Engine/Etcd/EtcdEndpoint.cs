using System.Net;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Etcd;

/// <summary>Which of a member's URLs to use.</summary>
internal static class EtcdEndpoint
{
    /// <summary>
    /// The URL that the node itself reaches its member at. Loopback first, as kubeadm's apiserver does: it needs no route and no name, and
    /// kubeadm's etcd certificates hold it.
    /// </summary>
    public static Uri ForNode(EtcdMemberConfiguration configuration, int? clientPort)
    {
        var urls = configuration.ListenClientUrls;
        var url = urls.FirstOrDefault(u => u.IsLoopback) ?? urls.Where(IsWildcard).Select(ToLoopback).FirstOrDefault() ?? urls[0];
        return clientPort is { } port ? new UriBuilder(url) { Port = port }.Uri : url;
    }

    /// <summary>The URL that others know the member by, for people to read.</summary>
    public static string ForDisplay(EtcdMemberConfiguration configuration) =>
        configuration.AdvertiseClientUrls[0].GetLeftPart(UriPartial.Authority);

    /// <summary>The URL that kubeadm would give the member of a node whose manifest could not be read.</summary>
    public static string Unknown(ClusterNode node, int? clientPort)
    {
        var host = node.Address.Contains(':', StringComparison.Ordinal) ? $"[{node.Address}]" : node.Address;
        return $"https://{host}:{clientPort ?? 2379}";
    }

    private static bool IsWildcard(Uri url) =>
        IPAddress.TryParse(url.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static Uri ToLoopback(Uri url) => new UriBuilder(url) { Host = "127.0.0.1" }.Uri;
}
