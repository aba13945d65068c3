using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Tls;

/// <summary>Certificates and keys from PEM text, in memory only.</summary>
public static class TlsCertificates
{
    /// <summary>All certificates of a PEM text; what else it holds is passed over.</summary>
    /// <exception cref="CryptographicException">A certificate cannot be decoded, or there is none.</exception>
    public static X509Certificate2Collection LoadAll(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates.Count > 0 ? certificates : throw new CryptographicException(Errors.Tls_NotPem_Part);
    }

    /// <summary>A client certificate with its key and whatever intermediates follow it in the PEM, ready for a handshake.</summary>
    /// <exception cref="CryptographicException">Certificate or key cannot be decoded, or they do not belong together.</exception>
    public static SslClientIdentity LoadIdentity(string certificatePem, string keyPem)
    {
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException(Errors.Tls_KeyOther_Part, e);
        }

        var others = LoadAll(certificatePem);
        others.RemoveAt(0);
        return new SslClientIdentity(ForHandshake(leaf), others);
    }

    /// <summary>
    /// A certificate whose key came from PEM, so that this system's TLS can use it; the one given is disposed if another takes its place.
    /// On Linux the key stays in memory. Windows' and macOS' TLS want it in a store of theirs: there it passes through PKCS #12, as .NET
    /// advises, and leaves the store when the certificate is disposed.
    /// </summary>
    public static X509Certificate2 ForHandshake(X509Certificate2 certificate)
    {
        if (OperatingSystem.IsLinux())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    /// <summary>
    /// Whether a server's certificate chains up to one of <paramref name="roots"/>, and nothing else; the system's roots do not count.
    /// Revocation is not asked for: cluster CAs publish none.
    /// </summary>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="sent">What else the server sent.</param>
    /// <param name="roots">Trusted certificates. An intermediate among them is trusted as it is, as Go does.</param>
    /// <param name="reason">Why not, in words; empty if so.</param>
    public static bool IsTrusted(
        X509Certificate2 certificate,
        X509Certificate2Collection sent,
        X509Certificate2Collection roots,
        out string reason
    )
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1", "serverAuth"));
        var built = chain.Build(certificate);
        if (
            !built
            && IsPartialOnly(chain)
            && chain.ChainElements.Skip(1).Any(e => roots.Any(r => r.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)))
        )
        {
            built = true;
        }

        reason = built
            ? ""
            : string.Join(
                "; ",
                chain
                    .ChainStatus.Select(s => s.StatusInformation.Trim().TrimEnd('.'))
                    .Where(s => s.Length > 0)
                    .Distinct()
                    .DefaultIfEmpty(Errors.Tls_Chain_Part)
            );
        return built;
    }

    private static bool IsPartialOnly(X509Chain chain) =>
        chain.ChainStatus.All(s => s.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot);
}
