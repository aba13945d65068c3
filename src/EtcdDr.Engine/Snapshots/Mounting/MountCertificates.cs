using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>
/// The certificates of one mount, from an authority that exists for it alone and whose key is never written: one that its etcd and its
/// apiserver serve with, and one for the reader.
/// </summary>
internal sealed class MountCertificates : IDisposable
{
    private const string Serving = "1.3.6.1.5.5.7.3.1";
    private const string Asking = "1.3.6.1.5.5.7.3.2";

    private MountCertificates(string authority, (string Certificate, byte[] Key) server, (string Certificate, byte[] Key) reader)
    {
        AuthorityPem = authority;
        (ServerPem, ServerKeyPem) = server;
        (ReaderPem, ReaderKeyPem) = reader;
    }

    /// <summary>The authority's certificate, PEM.</summary>
    internal string AuthorityPem { get; }

    /// <summary>The servers' certificate, PEM.</summary>
    internal string ServerPem { get; }

    /// <summary>Its key, PEM; overwritten when this is disposed.</summary>
    internal byte[] ServerKeyPem { get; }

    /// <summary>The reader's certificate, PEM.</summary>
    internal string ReaderPem { get; }

    /// <summary>Its key, PEM; overwritten when this is disposed.</summary>
    internal byte[] ReaderKeyPem { get; }

    /// <summary>Makes them.</summary>
    /// <param name="life">How long they are valid from now on.</param>
    internal static MountCertificates Create(TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=etcddr-mount", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));

        // A node's clock may differ from this machine's.
        var now = DateTimeOffset.UtcNow;
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now + life);
        return new MountCertificates(
            authority.ExportCertificatePem() + "\n",
            Leaf(authority, "CN=etcddr-mount-server", [Serving, Asking]),
            Leaf(authority, $"CN={MountFiles.Reader}", [Asking])
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(ServerKeyPem);
        CryptographicOperations.ZeroMemory(ReaderKeyPem);
    }

    private static (string Certificate, byte[] Key) Leaf(X509Certificate2 authority, string subject, string[] purposes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (purposes.Contains(Serving))
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(p => new Oid(p))], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem() + "\n", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
    }
}
