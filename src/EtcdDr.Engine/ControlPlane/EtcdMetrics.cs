using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>
/// A member's listener for health and metrics (<c>--listen-metrics-urls</c>; kubeadm: plain HTTP on the node's loopback), reached through
/// the node's SSH connection. It wants no certificate and no quorum.
/// </summary>
internal sealed class EtcdMetrics : IAsyncDisposable
{
    private readonly IForwardedPort _forward;

    private EtcdMetrics(IForwardedPort forward)
    {
        _forward = forward;
        Client = ClientOf(forward);
    }

    /// <summary>Asks it, by paths such as <c>/health</c>.</summary>
    public HttpClient Client { get; }

    /// <summary>Opens the way to it; null where the member has none over HTTP.</summary>
    /// <exception cref="EtcdDrException">The node does not answer, or does not forward.</exception>
    public static async Task<EtcdMetrics?> TryOpenAsync(ClusterSession session, ControlPlaneNode node, CancellationToken cancellationToken)
    {
        if (node.Manifests.Etcd is not { } etcd || UrlOf(etcd) is not { } url)
        {
            return null;
        }

        var host = await session.HostAsync(node.Node, cancellationToken);
        return new EtcdMetrics(await host.ForwardAsync(AddressOf(url), url.Port, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return _forward.DisposeAsync();
    }

    internal static Uri? UrlOf(EtcdMemberConfiguration etcd)
    {
        var first = (etcd.Flags.Last("listen-metrics-urls") ?? string.Empty).Split(',')[0].Trim();
        return Uri.TryCreate(first, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp ? url : null;
    }

    /// <summary>The address as a forward takes it: of IPv6 without brackets, and where it listens on all addresses the loopback.</summary>
    internal static string AddressOf(Uri url) =>
        url.DnsSafeHost switch
        {
            "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            var address => address,
        };

    /// <summary>A client for what is forwarded. A proxy that the environment names (HTTP_PROXY) is for other places than this machine's own
    /// ports.</summary>
    internal static HttpClient ClientOf(IForwardedPort forward) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{forward.Port}") };
}
