using System.Net.Security;
using System.Security.Cryptography;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>HTTP connections to places in object storage.</summary>
internal static class PlaceHttp
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(20);

    /// <summary>A handler. With a CA file the server's certificate must be issued by what is in it; the system's roots do not count then.
    /// Redirections are not followed: a signature is for one address, and a body is not to go elsewhere.</summary>
    /// <exception cref="EtcdDrException"><c>PlaceCaUnusable</c>.</exception>
    public static SocketsHttpHandler Handler(string? caFile, string place)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = ConnectWithin,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (caFile is not null)
        {
            var roots = Roots(caFile, place);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                && certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 server
                && TlsCertificates.IsTrusted(server, chain?.ChainPolicy.ExtraStore ?? [], roots, out string _);
        }

        return handler;
    }

    private static System.Security.Cryptography.X509Certificates.X509Certificate2Collection Roots(string caFile, string place)
    {
        try
        {
            return TlsCertificates.LoadAll(File.ReadAllText(caFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EtcdDrException(
                "PlaceCaUnusable",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.PlaceCaUnusable.With(caFile, place, e.Message),
                Errors.PlaceCaUnusable_Action,
                caFile,
                e
            );
        }
    }
}
