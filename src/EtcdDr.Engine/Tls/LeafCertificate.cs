using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Tls;

/// <summary>Issues certificates as kubeadm does (cmd/kubeadm/app/util/pkiutil): usages, signature and PEM forms are the same. In memory
/// only.</summary>
internal static class LeafCertificate
{
    /// <summary>The usage of servers.</summary>
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The usage of clients.</summary>
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private const string P384 = "1.3.132.0.34";

    // kubeadm: pkiutil.StartTimeUTC, for clocks that differ.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    /// <summary>Issues a certificate with a new key.</summary>
    /// <param name="subject">Its subject.</param>
    /// <param name="usages">Its extended key usages, by their identifiers.</param>
    /// <param name="names">Names and addresses to cover; empty for none.</param>
    /// <param name="like">A certificate whose kind of key it gets.</param>
    /// <param name="authority">The CA.</param>
    /// <param name="authorityKey">Its key, PEM.</param>
    /// <param name="validity">How long it shall be valid; never longer than the CA.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Certificate and key, PEM.</returns>
    /// <exception cref="CryptographicException">The CA's key cannot be used, or is not the CA's.</exception>
    public static (string Certificate, string Key) Issue(
        X500DistinguishedName subject,
        IEnumerable<string> usages,
        IEnumerable<string> names,
        X509Certificate2 like,
        X509Certificate2 authority,
        ReadOnlySpan<char> authorityKey,
        TimeSpan validity,
        DateTimeOffset now
    )
    {
        using var key = NewKeyLike(like);
        var request = new CertificateRequest(subject, PublicKeyOf(key), HashOf(authority));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true)
        );
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(u => new Oid(u))], critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        if (authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
        {
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        }

        IReadOnlyList<string> covered = [.. names];
        if (covered.Count > 0)
        {
            request.CertificateExtensions.Add(Alternatives(covered));
        }

        var end = now + validity;
        var last = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        using var signer = ImportKey(authorityKey, authority);
        using var issued = request.Create(authority.SubjectName, GeneratorOf(signer), now - Backdated, end < last ? end : last, Serial());
        return (issued.ExportCertificatePem() + "\n", Pem(key) + "\n");
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
