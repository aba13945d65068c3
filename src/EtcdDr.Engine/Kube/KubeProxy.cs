using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// The proxy for a cluster: the kubeconfig's <c>proxy-url</c>, else what the environment says about the server's own name, though the
/// address that is dialled may be another. Addresses other than the cluster's are forwarded ports and are dialled directly.
/// </summary>
internal sealed class KubeProxy : IWebProxy
{
    private readonly Uri _address;
    private readonly Uri? _proxy;

    /// <summary>The proxy.</summary>
    /// <param name="context">The kubeconfig's context.</param>
    /// <param name="address">What is dialled for the cluster's own endpoint.</param>
    public KubeProxy(KubeconfigContext context, Uri address)
    {
        _address = address;
        _proxy = context.Proxy ?? OfEnvironment(context.Server);
        Credentials = context.Proxy is { UserInfo.Length: > 0 } own ? OfUri(own) : HttpClient.DefaultProxy.Credentials;
    }

    /// <inheritdoc/>
    public ICredentials? Credentials { get; set; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => destination.Authority == _address.Authority ? _proxy : null;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    // .NET knows exact names and .domain in NO_PROXY; kubectl, and so the people who set it, also domains without the dot, networks and
    // ports.
    private static Uri? OfEnvironment(Uri server)
    {
        var list = Environment.GetEnvironmentVariable("NO_PROXY") ?? Environment.GetEnvironmentVariable("no_proxy");
        return NoProxy.Covers(list, server) || HttpClient.DefaultProxy.IsBypassed(server) ? null : HttpClient.DefaultProxy.GetProxy(server);
    }

    private static NetworkCredential OfUri(Uri proxy)
    {
        var parts = proxy.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NetworkCredential(parts[0], parts.Length > 1 ? parts[1] : "");
    }
}
