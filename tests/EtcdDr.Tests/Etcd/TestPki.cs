using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Tests.Etcd;

/// <summary>A CA and what it signs, as PEM files in a directory.</summary>
internal sealed class TestPki : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public TestPki(string directory)
    {
        Directory = directory;
        System.IO.Directory.CreateDirectory(directory);
        var request = new CertificateRequest("CN=etcd-ca", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    public string Directory { get; }

    public string CaFile => $"{Directory}/ca.crt";

    /// <summary>Writes NAME.crt and NAME.key.</summary>
    public (string Certificate, string Key) Issue(
        string name,
        bool client = true,
        bool server = true,
        string address = "127.0.0.1",
        TimeSpan? validFor = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var usages = new OidCollection();
        if (client)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }

        if (server)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, false));
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        var to = DateTimeOffset.UtcNow + (validFor ?? TimeSpan.FromDays(1));
        using var certificate = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText($"{Directory}/{name}.crt", certificate.ExportCertificatePem());
        File.WriteAllText($"{Directory}/{name}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{Directory}/{name}.crt", $"{Directory}/{name}.key");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }
}
