using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// A certificate for one drill, at once authority, server and client: the throwaway etcd holds the cluster's secrets and must answer nobody else on
/// this machine. Its key is in memory, and in the drill's directory, which has mode 0700, until that is removed.
/// </summary>
internal static class DrillCertificate
{
    internal static X509Certificate2 Create(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=etcddr-drill", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var now = DateTimeOffset.UtcNow;
        var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        Write(Path.Combine(directory, "drill.crt"), certificate.ExportCertificatePem());
        Write(Path.Combine(directory, "drill.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private static void Write(string path, string text)
    {
        using var writer = new StreamWriter(PosixFiles.OpenWrite(path, FileMode.CreateNew));
        writer.Write(text);
    }
}
