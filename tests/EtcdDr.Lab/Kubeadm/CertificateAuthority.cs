using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>A certificate authority such as kubeadm makes three of for a cluster: Kubernetes, etcd, front proxy.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    // kubeadm: CAs ten years, leaves one.
    private const int AuthorityYears = 10;
    private static readonly Oid ServerUsage = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUsage = new("1.3.6.1.5.5.7.3.2");
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;

    public CertificateAuthority(string commonName)
    {
        var request = new CertificateRequest($"CN={commonName}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign,
                true
            )
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(commonName);
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(Start, Start.AddYears(AuthorityYears));
    }

    /// <summary>The CA's certificate.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>The CA's private key.</summary>
    public string KeyPem => _key.ExportRSAPrivateKeyPem() + "\n";

    // An hour back, so that a node whose clock is behind (a scenario of the tests) still accepts it.
    private static DateTimeOffset Start => DateTimeOffset.UtcNow.AddHours(-1);

    /// <summary>A leaf for servers and clients. Its key is ECDSA P-256 (kubeadm's encryptionAlgorithm of that name): RSA keys for all would
    /// take most of the lab's start.</summary>
    public (string Certificate, string Key) Issue(
        string commonName,
        string? organization = null,
        bool server = false,
        bool client = false,
        IEnumerable<string>? alternativeNames = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = organization is null ? $"CN={commonName}" : $"O={organization}, CN={commonName}";
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true)
        );
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Usages(server, client), false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (alternativeNames is not null)
        {
            request.CertificateExtensions.Add(Names(alternativeNames));
        }

        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7F;
        var signer = X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(_certificate.SubjectName, signer, Start, Start.AddYears(1), serial);
        return (certificate.ExportCertificatePem() + "\n", key.ExportECPrivateKeyPem() + "\n");
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static OidCollection Usages(bool server, bool client)
    {
        var usages = new OidCollection();
        if (server)
        {
            usages.Add(ServerUsage);
        }

        if (client)
        {
            usages.Add(ClientUsage);
        }

        return usages;
    }

    private static X509Extension Names(IEnumerable<string> alternativeNames)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in alternativeNames)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }
        }

        return names.Build();
    }
}
