using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>An apiserver's serving certificate: the names that it covers, and new ones made as kubeadm makes them.</summary>
internal static class ServingCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string P384 = "1.3.132.0.34";

    // kubeadm: pkiutil.StartTimeUTC, for clocks that differ.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    /// <summary>DNS names, then addresses, as the certificate has them.</summary>
    public static IReadOnlyList<string> NamesOf(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is null ? [] : [.. extension.EnumerateDnsNames(), .. extension.EnumerateIPAddresses().Select(a => a.ToString())];
    }

    /// <summary>Whether a certificate is for a name.</summary>
    public static bool Covers(X509Certificate2 certificate, string name) =>
        NamesOf(certificate).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a certificate is signed by a CA.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority) =>
        Tls.TlsCertificates.IsTrusted(certificate, [], [authority], out _);

    /// <summary>
    /// Issues a certificate with a new key of the present one's kind. Subject, usages, signature and PEM forms are those of kubeadm's
    /// (cmd/kubeadm/app/util/pkiutil).
    /// </summary>
    /// <param name="present">The present certificate.</param>
    /// <param name="names">Names and addresses to cover.</param>
    /// <param name="authority">The CA.</param>
    /// <param name="authorityKey">Its key, PEM.</param>
    /// <param name="validity">How long it shall be valid; never longer than the CA.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Certificate and key, PEM.</returns>
    /// <exception cref="CryptographicException">The CA's key cannot be used, or is not the CA's.</exception>
    public static (string Certificate, string Key) Issue(
        X509Certificate2 present,
        IEnumerable<string> names,
        X509Certificate2 authority,
        ReadOnlySpan<char> authorityKey,
        TimeSpan validity,
        DateTimeOffset now
    )
    {
        using var key = NewKeyLike(present);
        var request = new CertificateRequest(new X500DistinguishedName("CN=kube-apiserver"), PublicKeyOf(key), HashOf(authority));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true)
        );
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        if (authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
        {
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        }

        request.CertificateExtensions.Add(Alternatives(names));
        var end = now + validity;
        var last = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        using var signer = ImportKey(authorityKey, authority);
        using var issued = request.Create(authority.SubjectName, GeneratorOf(signer), now - Backdated, end < last ? end : last, Serial());
        return (issued.ExportCertificatePem() + "\n", Pem(key) + "\n");
    }

    /// <summary>A duration as kubeadm's configuration has it (<c>8760h0m0s</c>); null if it is none.</summary>
    public static TimeSpan? Duration(string? text)
    {
        if (text is null || !text.EndsWith("h0m0s", StringComparison.Ordinal))
        {
            return null;
        }

        return int.TryParse(text[..^5], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours > 0
            ? TimeSpan.FromHours(hours)
            : null;
    }

    private static AsymmetricAlgorithm NewKeyLike(X509Certificate2 present)
    {
        using var ec = present.GetECDsaPublicKey();
        if (ec is not null)
        {
            return ECDsa.Create(ec.ExportParameters(includePrivateParameters: false).Curve);
        }

        using var rsa = present.GetRSAPublicKey();
        return RSA.Create(rsa?.KeySize ?? 2048);
    }

    private static PublicKey PublicKeyOf(AsymmetricAlgorithm key) => key is ECDsa ec ? new PublicKey(ec) : new PublicKey((RSA)key);

    private static string Pem(AsymmetricAlgorithm key) =>
        key is ECDsa ec ? ec.ExportECPrivateKeyPem() : ((RSA)key).ExportRSAPrivateKeyPem();

    // Go's x509: SHA-384 for P-384, SHA-256 for the other keys that kubeadm makes.
    private static HashAlgorithmName HashOf(X509Certificate2 authority)
    {
        using var ec = authority.GetECDsaPublicKey();
        return ec?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P384
            ? HashAlgorithmName.SHA384
            : HashAlgorithmName.SHA256;
    }

    private static AsymmetricAlgorithm ImportKey(ReadOnlySpan<char> pem, X509Certificate2 authority)
    {
        using var ec = authority.GetECDsaPublicKey();
        AsymmetricAlgorithm key = ec is not null ? ECDsa.Create() : RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(authority.PublicKey.ExportSubjectPublicKeyInfo()))
            {
                throw new CryptographicException(Errors.CertificateNotIssued_KeyOther_Part);
            }

            return key;
        }
        catch (ArgumentException e)
        {
            key.Dispose();
            throw new CryptographicException(Errors.CertificateNotIssued_KeyUnreadable_Part, e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static X509SignatureGenerator GeneratorOf(AsymmetricAlgorithm key) =>
        key is ECDsa ec
            ? X509SignatureGenerator.CreateForECDsa(ec)
            : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);

    private static X509Extension Alternatives(IEnumerable<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x01);
        return serial;
    }
}
