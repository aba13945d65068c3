using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Where requests go and what TLS checks. A request's URI names the address that is dialled, its Host header the server: .NET takes the
/// name for SNI and for the certificate's check from the Host header, so the address can be another site's, a forwarded port or reached
/// through a proxy.
/// </summary>
internal sealed class KubeEndpoint
{
    private readonly KubeconfigContext _context;
    private readonly Uri _address;

    public KubeEndpoint(KubeconfigContext context, string? serverAddress)
    {
        _context = context;
        _address = serverAddress is { Length: > 0 } ? Override(context.Server, serverAddress) : context.Server;
        DisplayName = Name(_address);
    }

    /// <summary>Server (and address, if another) for messages.</summary>
    public string DisplayName { get; }

    /// <summary>Why the last certificate was refused; empty if none was.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>Points a request at an address.</summary>
    /// <param name="request">The request.</param>
    /// <param name="target">Its URI at the server.</param>
    /// <param name="endpoint">What to dial; null for the cluster's own address.</param>
    /// <returns>Server and address for messages.</returns>
    public string Aim(HttpRequestMessage request, Uri target, DnsEndPoint? endpoint)
    {
        var address = endpoint is null ? _address : WithHost(_address, endpoint.Host, endpoint.Port);
        request.RequestUri = WithHost(target, address.Host, address.Port);
        request.Headers.Host =
            _context.TlsServerName ?? (address.Authority == _context.Server.Authority ? null : _context.Server.Authority);
        return Name(address);
    }

    /// <summary>Sets proxy, certificate check and client certificate.</summary>
    public void Configure(SocketsHttpHandler handler, SslClientIdentity? identity, KubeApiSettings settings)
    {
        handler.ConnectTimeout = settings.ConnectTimeout;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.AutomaticDecompression = DecompressionMethods.GZip;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60);
        // A connection whose other end vanished is noticed while a request waits on it; KubernetesClient's own limits are minutes.
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        handler.Proxy = new KubeProxy(_context, _address);
        handler.SslOptions.RemoteCertificateValidationCallback = Validator();
        identity?.ApplyTo(handler.SslOptions);
    }

    private RemoteCertificateValidationCallback Validator()
    {
        var roots = _context.CertificateAuthorityPem is { } pem ? TlsCertificates.LoadAll(pem) : null;
        return (_, certificate, chain, errors) =>
        {
            Refusal = Check(certificate as X509Certificate2, chain, errors, roots);
            return Refusal.Length == 0;
        };
    }

    private string Check(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection? roots)
    {
        if (_context.SkipTlsVerify)
        {
            return "";
        }

        if (certificate is null)
        {
            return Errors.KubeApiCertificateUntrusted_NoneShown_Part;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return Errors.KubeApiCertificateUntrusted_Name_Part.With(_context.TlsServerName ?? _context.Server.Host, certificate.Subject);
        }

        if (roots is null)
        {
            return errors == SslPolicyErrors.None ? "" : Errors.KubeApiCertificateUntrusted_Issuer_Part.With(certificate.Issuer);
        }

        var sent = new X509Certificate2Collection();
        sent.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        return TlsCertificates.IsTrusted(certificate, sent, roots, out var reason)
            ? ""
            : Errors.KubeApiCertificateUntrusted_Chain_Part.With(certificate.Issuer, reason);
    }

    private string Name(Uri address)
    {
        var server = _context.Server.ToString().TrimEnd('/');
        return address.Authority == _context.Server.Authority ? server : $"{server} (at {address.Authority})";
    }

    private static Uri Override(Uri server, string address)
    {
        // host, host:port, 10.1.2.3, [fd00::1]:6443 or a bare IPv6 address.
        if (IPAddress.TryParse(address, out var ip))
        {
            return WithHost(server, ip.ToString(), server.Port);
        }

        return Uri.TryCreate($"{server.Scheme}://{address}", UriKind.Absolute, out var parsed)
            ? WithHost(server, parsed.Host, HasPort(address) ? parsed.Port : server.Port)
            : throw new EtcdDrException(
                "ServerAddressInvalid",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.ServerAddressInvalid.With(address),
                Errors.ServerAddressInvalid_Action,
                address
            );
    }

    private static bool HasPort(string address) => address.LastIndexOf(':') > address.LastIndexOf(']');

    private static Uri WithHost(Uri server, string host, int port) =>
        new UriBuilder(server)
        {
            Host = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host,
            Port = port,
        }.Uri;
}
