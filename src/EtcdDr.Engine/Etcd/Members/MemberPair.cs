using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>A certificate with its key that a member, or who talks to it, needs on a node; as kubeadm makes them.</summary>
/// <param name="Certificate">The certificate's file.</param>
/// <param name="Key">The key's file.</param>
/// <param name="Authority">The file of the CA that signs it.</param>
/// <param name="CommonName">Its subject's name.</param>
/// <param name="IsServer">Whether it is for servers as well as for clients.</param>
/// <param name="Names">Names and addresses that it must cover.</param>
internal sealed record MemberPair(
    string Certificate,
    string Key,
    string Authority,
    string CommonName,
    bool IsServer,
    IReadOnlyList<string> Names
)
{
    // kubeadm's own: kubeadmconstants.CertificateValidityPeriod.
    private static readonly TimeSpan Validity = TimeSpan.FromDays(365);

    /// <summary>Key of a CA, where kubeadm keeps it.</summary>
    public static string KeyOf(string authority) => System.IO.Path.ChangeExtension(authority, ".key");

    /// <summary>All that a node needs, by its manifests.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="etcd">Its etcd.</param>
    /// <param name="apiServer">Its apiserver; null where it has none yet.</param>
    public static IReadOnlyList<MemberPair> Of(string node, EtcdMemberConfiguration etcd, ApiServerConfiguration? apiServer)
    {
        var pairs = new List<MemberPair>();
        string[] local = [node, "localhost", "127.0.0.1", "::1"];
        if (etcd is { CertFile: { } server, KeyFile: { } serverKey, TrustedCaFile: { } authority })
        {
            var names = local.Concat(Hosts(etcd.AdvertiseClientUrls)).Concat(Hosts(etcd.ListenClientUrls));
            pairs.Add(new MemberPair(server, serverKey, authority, node, true, Known(names)));
            var directory = authority[..Math.Max(0, authority.LastIndexOf('/'))];
            pairs.Add(
                new MemberPair(
                    $"{directory}/healthcheck-client.crt",
                    $"{directory}/healthcheck-client.key",
                    authority,
                    "kube-etcd-healthcheck-client",
                    false,
                    []
                )
            );
        }

        if (etcd is { PeerCertFile: { } peer, PeerKeyFile: { } peerKey, PeerTrustedCaFile: { } peerAuthority })
        {
            var names = local.Concat(Hosts(etcd.InitialAdvertisePeerUrls)).Concat(Hosts(etcd.ListenPeerUrls));
            pairs.Add(new MemberPair(peer, peerKey, peerAuthority, node, true, Known(names)));
        }

        if (apiServer is { EtcdCertFile: { } client, EtcdKeyFile: { } clientKey, EtcdCaFile: { } clientAuthority })
        {
            pairs.Add(new MemberPair(client, clientKey, clientAuthority, "kube-apiserver-etcd-client", false, []));
        }

        return [.. pairs.DistinctBy(p => p.Certificate)];
    }

    /// <summary>Why what the node has will not do; null where it will.</summary>
    /// <param name="certificate">The certificate, PEM; null where the node has none.</param>
    /// <param name="key">Its key, PEM; null where the node has none.</param>
    /// <param name="authority">The CA of the present members.</param>
    /// <param name="now">The present time.</param>
    public string? FaultOf(string? certificate, string? key, X509Certificate2 authority, DateTimeOffset now)
    {
        if (certificate is null || key is null)
        {
            return "missing";
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return now > pair.NotAfter.ToUniversalTime() ? "expired"
                : !EtcdCredentials.IsSignedBy(pair, [authority]) ? "signed by another CA"
                : Names.FirstOrDefault(n => !Covers(pair, n)) is { } name ? $"not for {name}"
                : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return "no usable pair";
        }
    }

    /// <summary>Makes it.</summary>
    /// <param name="like">A certificate whose kind of key it gets.</param>
    /// <param name="authority">The CA.</param>
    /// <param name="authorityKey">The CA's key, PEM.</param>
    /// <param name="now">The present time.</param>
    /// <exception cref="CryptographicException">The CA's key cannot be used, or is not the CA's.</exception>
    public (string Certificate, string Key) Issue(
        X509Certificate2 like,
        X509Certificate2 authority,
        ReadOnlySpan<char> authorityKey,
        DateTimeOffset now
    ) =>
        LeafCertificate.Issue(
            new X500DistinguishedName($"CN={CommonName}"),
            IsServer
                ? [LeafCertificate.ServerAuthentication, LeafCertificate.ClientAuthentication]
                : [LeafCertificate.ClientAuthentication],
            Names,
            like,
            authority,
            authorityKey,
            Validity,
            now
        );

    private static bool Covers(X509Certificate2 certificate, string name) =>
        certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false);

    private static IEnumerable<string> Hosts(IEnumerable<Uri> urls) => urls.Select(u => u.DnsSafeHost);

    // A listener on all addresses is no name.
    private static IReadOnlyList<string> Known(IEnumerable<string> names) =>
        [.. names.Where(n => n is not ("0.0.0.0" or "::")).Distinct(StringComparer.OrdinalIgnoreCase)];
}
