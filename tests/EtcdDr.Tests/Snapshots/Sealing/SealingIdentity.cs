using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Tests.Snapshots.Sealing;

/// <summary>A certificate for sealing and its private key, as files: <c>.cer</c>, <c>.pfx</c>, <c>.pem</c>, <c>.encrypted.pem</c>,
/// <c>.key</c>.</summary>
internal sealed record SealingIdentity(string Base)
{
    public const string Passphrase = "passphrase";

    public string CertificateFile => $"{Base}.cer";

    public static SealingIdentity Create(string directory, string name)
    {
        using var key = RSA.Create(2048);
        using var certificate = Certificate(key, name);
        var at = Path.Combine(directory, name);
        var pem = certificate.ExportCertificatePem();
        var cipher = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        File.WriteAllText($"{at}.cer", pem);
        File.WriteAllBytes($"{at}.pfx", certificate.Export(X509ContentType.Pfx, Passphrase));
        File.WriteAllText($"{at}.pem", $"{pem}\n{key.ExportPkcs8PrivateKeyPem()}");
        File.WriteAllText($"{at}.encrypted.pem", $"{pem}\n{key.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, cipher)}");
        File.WriteAllText($"{at}.key", key.ExportRSAPrivateKeyPem());
        return new SealingIdentity(at);
    }

    /// <summary>A certificate for document encryption that is valid for a long time, or was.</summary>
    public static X509Certificate2 Certificate(RSA key, string name, bool expired = false, string usage = "1.3.6.1.4.1.311.80.1")
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddYears(-2), expired ? now.AddYears(-1) : now.AddYears(30));
    }

    /// <summary>What opens a snapshot with one of the files.</summary>
    public SnapshotDecryption Opens(string kind) => new($"{Base}.{kind}", new NetworkCredential("", Passphrase).SecurePassword);
}
