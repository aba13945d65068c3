using System.Collections.Concurrent;
using System.Net;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Asks etcd and the apiservers themselves, each on its own node through SSH, not through the front end.</summary>
internal sealed class ControlPlaneHealth(ClusterSession session) : IControlPlaneHealth
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly KubeApiSettings Once = new()
    {
        Attempts = 1,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        RequestTimeout = TimeSpan.FromSeconds(5),
    };

    public Task WaitForEtcdAsync(IReadOnlyList<ControlPlaneNode> nodes, TimeSpan limit, CancellationToken cancellationToken) =>
        WaitForAllAsync(
            nodes,
            limit,
            (reasons, node) =>
                new EtcdDrException(
                    "EtcdNotHealthy",
                    EtcdDrErrorCategory.OperationTimeout,
                    Errors.EtcdNotHealthy.With(session.Cluster.Name, limit.TotalSeconds, reasons),
                    Errors.EtcdNotHealthy_Action,
                    node
                ),
            WaitForMemberAsync,
            cancellationToken
        );

    public Task WaitForApiServersAsync(
        IReadOnlyList<ControlPlaneNode> nodes,
        TimeSpan limit,
        Func<Task> firstReady,
        CancellationToken cancellationToken
    )
    {
        var first = new Lazy<Task>(firstReady);
        return WaitForAllAsync(
            nodes,
            limit,
            (reasons, node) =>
                new EtcdDrException(
                    "ApiServerNotReady",
                    EtcdDrErrorCategory.OperationTimeout,
                    Errors.ApiServerNotReady.With(session.Cluster.Name, limit.TotalSeconds, reasons),
                    Errors.ApiServerNotReady_Action,
                    node
                ),
            async (node, why, ct) =>
            {
                await WaitForApiServerAsync(node, why, ct);
                await first.Value;
            },
            cancellationToken
        );
    }

    public async Task<string?> ClusterIdAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var node in nodes)
        {
            try
            {
                await using var etcd = await ConnectAsync(node, cancellationToken);
                return (await etcd.StatusAsync(cancellationToken)).ClusterId.ToString("x16");
            }
            catch (EtcdDrException e)
            {
                session.Context.Sink.Verbose($"etcd on node '{node.Name}' did not tell its cluster id: {e.Message}");
            }
        }

        return null;
    }

    // The last reason for each node is kept, so that a wait that ends without success can say why.
    private async Task WaitForAllAsync(
        IReadOnlyList<ControlPlaneNode> nodes,
        TimeSpan limit,
        Func<string, string, EtcdDrException> timedOut,
        Func<ControlPlaneNode, Action<string>, CancellationToken, Task> wait,
        CancellationToken cancellationToken
    )
    {
        var reasons = new ConcurrentDictionary<string, string>(
            nodes.ToDictionary(n => n.Name, _ => Errors.EtcdNotHealthy_NoAnswer_Part),
            StringComparer.Ordinal
        );
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        try
        {
            await Task.WhenAll(
                nodes.Select(async node =>
                {
                    await wait(node, why => reasons[node.Name] = why, bounded.Token);
                    reasons.TryRemove(node.Name, out _);
                })
            );
        }
        catch (OperationCanceledException) when (bounded.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var named = string.Join(
                " ",
                reasons.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => Errors.EtcdNotHealthy_Node_Part.With(r.Key, r.Value))
            );
            throw timedOut(named, reasons.Keys.Order(StringComparer.Ordinal).FirstOrDefault() ?? session.Cluster.Name);
        }
    }

    private Task WaitForMemberAsync(ControlPlaneNode node, Action<string> because, CancellationToken cancellationToken) =>
        PollAsync(
            node,
            because,
            async ct =>
            {
                await using var etcd = await ConnectAsync(node, ct);
                while (!await etcd.IsHealthyAsync(ct))
                {
                    because(Errors.EtcdNotHealthy_Reads_Part);
                    await Task.Delay(Interval, session.Context.Time, ct);
                }
            },
            cancellationToken
        );

    private Task WaitForApiServerAsync(ControlPlaneNode node, Action<string> because, CancellationToken cancellationToken) =>
        PollAsync(
            node,
            because,
            async ct =>
            {
                var host = await session.HostAsync(node.Node, ct);
                await using var forward = await ApiServerWay.OpenAsync(host, node.Manifests.ApiServer, ct);
                var endpoint = new DnsEndPoint("127.0.0.1", forward.Port);
                await using var api = await KubeApi.ConnectAsync(session.Cluster, ct, endpoint);
                await using var once = api.Another(endpoint, Once);
                while (!await api.ProbeAsync("/readyz", ct) && !await ServesAsync(once, ct))
                {
                    because(Errors.ApiServerNotReady_Readyz_Part);
                    await Task.Delay(Interval, session.Context.Time, ct);
                }
            },
            cancellationToken
        );

    /// <summary>
    /// Whether an apiserver serves, although it may know nothing of these credentials: a restored state may lack the service account or the
    /// roles of a kubeconfig, and only a state that is read tells that.
    /// </summary>
    /// <param name="api">The apiserver, asked once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<bool> ServesAsync(KubeApi api, CancellationToken cancellationToken)
    {
        try
        {
            await api.GetTextAsync("/readyz", cancellationToken);
            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiUnauthorized" or "KubeApiForbidden")
        {
            return true;
        }
        catch (EtcdDrException)
        {
            return false;
        }
    }

    // A member that is just starting refuses connections, and a node may drop its SSH connection: both are waited out within the limit.
    private async Task PollAsync(
        ControlPlaneNode node,
        Action<string> because,
        Func<CancellationToken, Task> attempt,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            try
            {
                await attempt(cancellationToken);
                return;
            }
            catch (EtcdDrException e)
            {
                because(e.Message.TrimEnd('.'));
                if (e.ErrorId == "ConnectionLost")
                {
                    await session.ForgetAsync(node.Node);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                because(Errors.EtcdNotHealthy_TimeLimit_Part);
            }

            await Task.Delay(Interval, session.Context.Time, cancellationToken);
        }
    }

    private Task<EtcdConnection> ConnectAsync(ControlPlaneNode node, CancellationToken cancellationToken) =>
        EtcdConnection.ConnectAsync(session, node.Node, node.Manifests.RequireEtcd(), cancellationToken, node.Manifests.ApiServer);
}
