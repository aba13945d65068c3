using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>
/// The serving certificate and its key. As the real one does (DynamicCertKeyPairContent), what appears in the files is served to new
/// connections from then on, and a pair that does not fit is passed over until it does. The real one watches the files; here they are
/// looked at with each new connection.
/// </summary>
internal sealed class ServingPair
{
    private readonly string certFile;
    private readonly string keyFile;
    private readonly Lock gate = new();
    private (DateTime, DateTime) seen;
    private X509Certificate2 current;

    public ServingPair(string certFile, string keyFile)
    {
        this.certFile = certFile;
        this.keyFile = keyFile;
        seen = Times();
        current = Load();
    }

    public X509Certificate2 Current()
    {
        lock (gate)
        {
            var times = Times();
            if (times == seen)
                return current;
            try
            {
                current = Load();
                seen = times;
                ComponentProcess.Log($"Loaded a new serving certificate: {current.Thumbprint}");
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or ArgumentException)
            {
                ComponentProcess.Log($"The serving certificate stays: {exception.Message}");
            }

            return current;
        }
    }

    private (DateTime, DateTime) Times() => (File.GetLastWriteTimeUtc(certFile), File.GetLastWriteTimeUtc(keyFile));

    private X509Certificate2 Load()
    {
        using var pem = X509Certificate2.CreateFromPemFile(certFile, keyFile);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
