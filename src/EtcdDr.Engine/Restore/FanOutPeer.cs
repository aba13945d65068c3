using System.Net;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// A control-plane node as its peers reach it: address and certificate by which etcd's members know each other, which also protect the
/// snapshots that members send each other. Nothing that a peer could not ask etcd for anyway is given to it.
/// </summary>
/// <param name="Name">Host name or IP address, without brackets.</param>
/// <param name="CertificateFile"><c>--peer-cert-file</c> on the node.</param>
/// <param name="KeyFile"><c>--peer-key-file</c> on the node.</param>
/// <param name="AuthorityFile"><c>--peer-trusted-ca-file</c> on the node.</param>
internal sealed record FanOutPeer(string Name, string CertificateFile, string KeyFile, string AuthorityFile)
{
    /// <summary>Whether <see cref="Name"/> is an IP address.</summary>
    public bool IsIpAddress => IPAddress.TryParse(Name, out _);

    /// <summary>That of a node; null where its etcd speaks to peers without TLS.</summary>
    public static FanOutPeer? Of(RestoreNode node) =>
        node.Facts.Etcd is { PeerCertFile: { } certificate, PeerKeyFile: { } key, PeerTrustedCaFile: { } authority }
        && node.Journal.PeerUrls is [var own, ..]
        && Uri.TryCreate(own, UriKind.Absolute, out var url)
            ? new FanOutPeer(url.DnsSafeHost, certificate, key, authority)
            : null;

    /// <summary>The address with a port, as OpenSSL takes it.</summary>
    public string At(int port) => Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]:{port}" : $"{Name}:{port}";
}
