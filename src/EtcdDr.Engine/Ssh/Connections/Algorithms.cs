using EtcdDr.Engine.Ssh.HostKeys;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>Which algorithms are offered to a server, best first.</summary>
internal static class Algorithms
{
    private const string CertificateSuffix = "-cert-v01@openssh.com";

    // AES-GCM is twice as fast here as SSH.NET's first choice. What rests on CBC, SHA-1 or 3DES is not offered at all, as OpenSSH does not.
    private static readonly string[] Ciphers =
    [
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
        "chacha20-poly1305@openssh.com",
    ];

    private static readonly string[] HostKeys =
    [
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "rsa-sha2-512",
        "rsa-sha2-256",
    ];

    /// <summary>
    /// Arranges what is offered. Host key algorithms follow known_hosts: a host that is known by one type of key is asked for that type,
    /// and for a certificate only if an authority for it is known; otherwise it would look unknown although it is not.
    /// </summary>
    public static void Arrange(ConnectionInfo info, HostKeyCheck hostKey)
    {
        Keep(info.Encryptions, Ciphers);
        Keep(
            info.HmacAlgorithms,
            [
                .. info
                    .HmacAlgorithms.Keys.Where(name => !name.Contains("sha1", StringComparison.Ordinal))
                    .OrderByDescending(name => name.Contains("-etm@", StringComparison.Ordinal)),
            ]
        );
        Keep(
            info.KeyExchangeAlgorithms,
            [.. info.KeyExchangeAlgorithms.Keys.Where(name => !name.EndsWith("sha1", StringComparison.Ordinal))]
        );
        Keep(info.CompressionAlgorithms, ["none"]);

        var keys = HostKeys.OrderByDescending(name => hostKey.KnownTypes.Contains(KeyTypeOf(name)));
        var certificates = hostKey.KnowsAuthority ? HostKeys.Select(name => name + CertificateSuffix) : [];
        Keep(info.HostKeyAlgorithms, [.. certificates, .. keys]);
        foreach (
            var name in info.HostKeyAlgorithms.Keys.Where(name => name.EndsWith(CertificateSuffix, StringComparison.Ordinal)).ToArray()
        )
        {
            // SSH.NET refuses a certificate that has run out before it tells anybody about it.
            var create = info.HostKeyAlgorithms[name];
            info.HostKeyAlgorithms[name] = blob =>
            {
                var algorithm = create(blob);
                hostKey.Presented(((Renci.SshNet.Security.CertificateHostAlgorithm)algorithm).Certificate);
                return algorithm;
            };
        }
    }

    /// <summary>The type of key, as known_hosts names it, that an algorithm signs with.</summary>
    private static string KeyTypeOf(string algorithm) =>
        algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : algorithm;

    private static void Keep<T>(Renci.SshNet.IOrderedDictionary<string, T> offered, IReadOnlyList<string> names)
    {
        var kept = names.Where(offered.ContainsKey).Select(name => KeyValuePair.Create(name, offered[name])).ToArray();
        offered.Clear();
        foreach (var (name, algorithm) in kept)
            offered.Add(name, algorithm);
    }
}
