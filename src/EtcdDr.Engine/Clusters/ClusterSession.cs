using System.Collections.Concurrent;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Clusters;

/// <summary>
/// The live connections of one operation to one cluster: an SSH connection per node and one to the API, made when first asked for, shared
/// by all tasks of the operation, and closed with the session.
/// </summary>
public sealed class ClusterSession : IAsyncDisposable
{
    private readonly IRemoteHostFactory _hosts;
    private readonly ConcurrentDictionary<string, Lazy<Task<IRemoteHost>>> _connections = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lazy<Task<KubeApi>> _api;

    /// <summary>Creates a session; connects to nothing yet.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="context">The operation.</param>
    /// <param name="hosts">Connects to nodes.</param>
    public ClusterSession(EtcdCluster cluster, OperationContext context, IRemoteHostFactory hosts)
    {
        Cluster = cluster;
        Context = context;
        _hosts = hosts;
        _api = new Lazy<Task<KubeApi>>(() => KubeApi.ConnectAsync(Cluster, _closing.Token));
    }

    /// <summary>The cluster.</summary>
    public EtcdCluster Cluster { get; }

    /// <summary>The operation that the session serves.</summary>
    public OperationContext Context { get; }

    /// <summary>Connects to hosts that are no nodes, as the session connects to nodes.</summary>
    internal IRemoteHostFactory Hosts => _hosts;

    /// <summary>The connection to the API: the kubeconfig is read, and a credential plugin run, when it is first asked for. The API itself
    /// is asked nothing by that.</summary>
    /// <exception cref="EtcdDrException">As <see cref="KubeApi.ConnectAsync"/>; the same each time.</exception>
    public Task<KubeApi> ApiAsync(CancellationToken cancellationToken) => _api.Value.WaitAsync(cancellationToken);

    /// <summary>The connection to a node, made when first asked for. A failed attempt is not kept: the next call tries again.</summary>
    public async Task<IRemoteHost> HostAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        var connection = _connections.GetOrAdd(
            node.Name,
            _ => new Lazy<Task<IRemoteHost>>(() => _hosts.ConnectAsync(node.Name, node.Address, Cluster.Ssh, Context, _closing.Token))
        );
        try
        {
            return await connection.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (connection.Value.IsFaulted || connection.Value.IsCanceled)
        {
            _connections.TryRemove(new KeyValuePair<string, Lazy<Task<IRemoteHost>>>(node.Name, connection));
            throw;
        }
    }

    /// <summary>Closes a node's connection, so that the next call makes a new one: for a node that was away.</summary>
    public async Task ForgetAsync(ClusterNode node)
    {
        if (!_connections.TryRemove(node.Name, out var connection) || !connection.IsValueCreated)
        {
            return;
        }

        await CloseAsync(connection.Value);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        // A goodbye takes a round trip; with many nodes they are said at the same time.
        var closing = _connections.Values.Where(c => c.IsValueCreated).Select(c => CloseAsync(c.Value));
        await Task.WhenAll(_api.IsValueCreated ? closing.Append(CloseAsync(_api.Value)) : closing);
        _closing.Dispose();
    }

    private static async Task CloseAsync<T>(Task<T> connecting)
        where T : IAsyncDisposable
    {
        // A connection that never came about was reported to whoever asked for it; there is nothing to close.
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await connecting.Result.DisposeAsync();
        }
    }
}
