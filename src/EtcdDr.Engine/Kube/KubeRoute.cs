using System.Net;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// One way to an apiserver: the cluster's own endpoint, a fixed address, or a port that is forwarded through a node when it is first needed
/// and anew after it broke. May be used by several requests at the same time.
/// </summary>
internal sealed class KubeRoute : IAsyncDisposable
{
    private readonly DnsEndPoint? _endpoint;
    private readonly Func<CancellationToken, Task<IForwardedPort>>? _forward;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IForwardedPort? _port;

    /// <summary>A route to an endpoint.</summary>
    /// <param name="endpoint">What is dialled; null for the cluster's own endpoint, through the proxy that holds for it.</param>
    public KubeRoute(DnsEndPoint? endpoint) => _endpoint = endpoint;

    /// <summary>A route through a forwarded port.</summary>
    /// <param name="forward">Opens the port.</param>
    public KubeRoute(Func<CancellationToken, Task<IForwardedPort>> forward) => _forward = forward;

    /// <summary>What to dial; null for the cluster's own endpoint.</summary>
    public async ValueTask<DnsEndPoint?> OpenAsync(CancellationToken cancellationToken)
    {
        if (_forward is null)
        {
            return _endpoint;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            var port = _port ??= await _forward(cancellationToken);
            return new DnsEndPoint("127.0.0.1", port.Port);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Closes a forwarded port that does not lead anywhere any more, so that the next request opens another.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _port, null) is { } port)
        {
            await port.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _opening.Dispose();
    }
}
