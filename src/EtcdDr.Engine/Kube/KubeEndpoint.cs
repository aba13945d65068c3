using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Tls;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Where requests go and what TLS checks. A request's URI names the address that is dialled, its Host header the server: .NET takes the name for
/// SNI and for the certificate's check from the Host header, so the address can be another site's, a forwarded port or reached through a proxy.
/// </summary>
internal sealed class KubeEndpoint
{
    private readonly KubeconfigContext _context;
    private readonly bool _dialsForward;

    public KubeEndpoint(KubeconfigContext context, string? serverAddress, DnsEndPoint? connectTo)
    {
        _context = context;
        _dialsForward = connectTo is not null;
        Address = connectTo is not null
            ? WithHost(context.Server, connectTo.Host, connectTo.Port)
            : serverAddress is { Length: > 0 } ? Override(context.Server, serverAddress) : context.Server;
        HostHeader = context.TlsServerName ?? (Address == context.Server ? null : context.Server.Authority);
    }

    /// <summary>What is dialled.</summary>
    public Uri Address { get; }

    /// <summary>The Host header; null for the address's own.</summary>
    public string? HostHeader { get; }

    /// <summary>Server (and address, if another) for messages.</summary>
    public string DisplayName => Address.Authority == _context.Server.Authority
        ? _context.Server.ToString().TrimEnd('/')
        : $"{_context.Server.ToString().TrimEnd('/')} (at {Address.Authority})";

    /// <summary>Why the last certificate was refused; empty if none was.</summary>
    public string Refusal { get; private set; } = "";

    public SocketsHttpHandler CreateHandler(KubeCredentials credentials, KubeApiSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            // A connection whose other end vanished is noticed while a request waits on it.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        };
        SetProxy(handler);
        handler.SslOptions.RemoteCertificateValidationCallback = Validator();
        credentials.Identity?.ApplyTo(handler.SslOptions);
        return handler;
    }

    private void SetProxy(SocketsHttpHandler handler)
    {
        if (_dialsForward)
        {
            handler.UseProxy = false;
        }
        else if (_context.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = ProxyCredentials(proxy) };
        }
        else
        {
            handler.Proxy = new FixedTargetProxy(HttpClient.DefaultProxy, _context.Server);
        }
    }

    private static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NetworkCredential(parts[0], parts.Length > 1 ? parts[1] : "");
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
                address);
    }

    private static bool HasPort(string address) => address.LastIndexOf(':') > address.LastIndexOf(']');

    private static Uri WithHost(Uri server, string host, int port) =>
        new UriBuilder(server) { Host = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host, Port = port }.Uri;
}
