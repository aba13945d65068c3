using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Tls;

/// <summary>A client certificate with its private key in memory, and the intermediates that go with it.</summary>
public sealed class SslClientIdentity : IDisposable
{
    private readonly X509Certificate2Collection _intermediates;

    internal SslClientIdentity(X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        Certificate = certificate;
        _intermediates = intermediates;
    }

    /// <summary>The certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Makes a TLS client show this identity whatever issuers the server names.</summary>
    public void ApplyTo(SslClientAuthenticationOptions options)
    {
        // Without this context .NET sends the leaf alone, and only if the system knows its chain.
        options.ClientCertificateContext = SslStreamCertificateContext.Create(Certificate, _intermediates, offline: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var certificate in _intermediates)
        {
            certificate.Dispose();
        }
    }
}
