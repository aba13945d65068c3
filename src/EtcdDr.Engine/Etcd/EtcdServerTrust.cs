using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// Decides whether a server is the member that was meant: its certificate must come from etcd's own CA, be valid now, be for servers, and
/// hold the name or address that was dialled. The machine's trust store does not count.
/// </summary>
internal sealed class EtcdServerTrust(X509Certificate2Collection authorities, string host)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private volatile string? _refusal;

    /// <summary>Why the last certificate was refused; null if it was not.</summary>
    public string? Refusal => _refusal;

    /// <summary>The callback for TLS.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? offered, SslPolicyErrors errors)
    {
        _refusal = certificate is X509Certificate2 server ? ProblemOf(server, offered) : Errors.EtcdCertificateInvalid_NoneSent_Part;
        return _refusal is null;
    }

    private string? ProblemOf(X509Certificate2 server, X509Chain? offered)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (offered is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(
                new X509Certificate2Collection(offered.ChainElements.Select(e => e.Certificate).ToArray())
            );
        }

        if (!chain.Build(server))
        {
            return string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.Trim().TrimEnd('.')));
        }

        return server.MatchesHostname(host, allowWildcards: true, allowCommonName: false)
            ? null
            : Errors.EtcdCertificateInvalid_Name_Part.With(host);
    }
}
