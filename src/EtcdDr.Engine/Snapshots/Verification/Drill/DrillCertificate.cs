using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// A certificate for one drill, at once authority, server and client: the throwaway etcd holds the cluster's secrets and must answer nobody
/// else on its machine. Its key is in memory, and in the drill's directory, which has mode 0700, until that is removed.
/// </summary>
internal sealed class DrillCertificate : IDisposable
{
    /// <summary>Name of the certificate in the drill's directory.</summary>
    internal const string CertificateFile = "drill.crt";

    /// <summary>Name of its key there.</summary>
    internal const string KeyFile = "drill.key";

    private DrillCertificate(X509Certificate2 certificate, byte[] key)
    {
        Certificate = certificate;
        CertificatePem = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
        KeyPem = key;
    }

    /// <summary>The certificate with its key.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>The certificate as PEM.</summary>
    internal byte[] CertificatePem { get; }

    /// <summary>The key as PEM; overwritten when this is disposed.</summary>
    internal byte[] KeyPem { get; }

    internal static DrillCertificate Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=etcddr-drill", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, true)
        );
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false)
        );

        // A node's clock may differ from this machine's.
        var now = DateTimeOffset.UtcNow;
        return new DrillCertificate(
            request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2)),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n")
        );
    }

    /// <summary>Writes both into a directory of this machine.</summary>
    internal void Write(string directory)
    {
        Write(Path.Combine(directory, CertificateFile), CertificatePem);
        Write(Path.Combine(directory, KeyFile), KeyPem);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(KeyPem);
        Certificate.Dispose();
    }

    private static void Write(string path, byte[] content)
    {
        using var file = PosixFiles.OpenWrite(path, FileMode.CreateNew);
        file.Write(content);
    }
}
