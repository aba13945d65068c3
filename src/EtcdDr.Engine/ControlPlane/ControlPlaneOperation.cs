using System.Collections.Concurrent;
using System.Diagnostics;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Stops and starts the control plane of a cluster, on all its nodes at once, and tells for each node what is true then.</summary>
public sealed class ControlPlaneOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Stops apiserver, controller manager and scheduler, then etcd. Kubelets and workloads go on.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="limit">How long containers may take to stop.</param>
    /// <param name="force">Whether a container that will not stop is killed, that container alone.</param>
    /// <param name="cancellationToken">Stops between steps; running it again ends it.</param>
    /// <exception cref="EtcdDrException"><c>ContainerWillNotStop</c>, <c>ClusterLocked</c>, or a node does not answer.</exception>
    public async Task<IReadOnlyList<ControlPlaneState>> StopAsync(
        EtcdCluster cluster,
        TimeSpan limit,
        bool force,
        CancellationToken cancellationToken
    )
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var nodes = await PlacesAsync(session, cancellationToken);
        await using var held = await ClusterLock.TakeAsync(
            session,
            nodes.Select(n => n.Node),
            LockMode.Exclusive,
            "stopping the control plane",
            false,
            cancellationToken
        );
        var watch = Stopwatch.StartNew();
        await Sequence(session, $"Stop the control plane of {cluster.Name}", limit, force).StopAsync(nodes, cancellationToken);
        return await StatesAsync(session, nodes, watch.Elapsed, cancellationToken);
    }

    /// <summary>Puts back what <see cref="StopAsync"/> took aside: etcd, and when a quorum serves the apiservers, then the rest.</summary>
    /// <param name="cluster">The cluster; its profile must name the nodes, since no API can.</param>
    /// <param name="limit">How long etcd, and then the apiservers, may take.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>, <c>ApiServerNotReady</c>, naming the nodes and why.</exception>
    public async Task<IReadOnlyList<ControlPlaneState>> StartAsync(EtcdCluster cluster, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        // What is held aside of a lost node is not waited for by the others.
        var nodes = await PresentNodes.ReadAsync(
            await NodesAsync(session, cancellationToken),
            (node, ct) => ControlPlaneNode.ReadAsync(session, node, ct),
            context,
            cancellationToken
        );
        await using var held = await ClusterLock.TakeAsync(
            session,
            nodes.Select(n => n.Node),
            LockMode.Exclusive,
            "starting the control plane",
            false,
            cancellationToken
        );
        var watch = Stopwatch.StartNew();
        await Sequence(session, $"Start the control plane of {cluster.Name}", limit, force: false)
            .StartAsync(nodes, () => Task.CompletedTask, () => Task.CompletedTask, cancellationToken);
        return await StatesAsync(session, nodes, watch.Elapsed, cancellationToken);
    }

    private ControlPlaneSequence Sequence(ClusterSession session, string activity, TimeSpan limit, bool force) =>
        new(session, new PlainSteps(context, activity), new ControlPlaneHealth(session), limit, force);

    /// <summary>The control-plane nodes; the profile's where the API is away.</summary>
    internal static async Task<IReadOnlyList<ClusterNode>> NodesAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        await using var api = await KubeApi.ConnectAsync(session.Cluster, cancellationToken);
        var alive = await api.ProbeAsync("/readyz", cancellationToken);
        var nodes = await ClusterNodes.GetAsync(session, alive ? api : null, cancellationToken);
        return [.. nodes.Where(n => n.Role == NodeRole.ControlPlane)];
    }

    private async Task<IReadOnlyList<ControlPlaneNode>> PlacesAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        var places = new ConcurrentBag<ControlPlaneNode>();
        await OnNodesAsync(
            await NodesAsync(session, cancellationToken),
            async (node, ct) => places.Add(await ControlPlaneNode.ReadAsync(session, node, ct)),
            cancellationToken
        );
        return places.OrderBy(p => p.Node.Name, StringComparer.Ordinal).ToList();
    }

    private async Task OnNodesAsync<T>(
        IReadOnlyList<T> nodes,
        Func<T, CancellationToken, Task> work,
        CancellationToken cancellationToken
    ) =>
        await Parallel.ForEachAsync(
            nodes,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (node, ct) => await work(node, ct)
        );

    private async Task<IReadOnlyList<ControlPlaneState>> StatesAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        TimeSpan elapsed,
        CancellationToken cancellationToken
    )
    {
        var states = new ConcurrentBag<ControlPlaneState>();
        await OnNodesAsync(
            nodes,
            async (node, ct) =>
            {
                var host = await session.HostAsync(node.Node, ct);
                string[] arguments =
                [
                    node.Place.ManifestDirectory,
                    node.Place.HoldDirectory,
                    node.Place.RuntimeEndpoint,
                    .. node.Parts.Select(p => p.Word),
                ];
                var seen = await host.RunAsync(ControlPlaneCommands.State.With(arguments), ct);
                states.Add(ControlPlaneReading.Parse(session.Cluster.Name, node.Node.Name, seen.Text, elapsed));
            },
            cancellationToken
        );
        return states.OrderBy(s => s.Node, StringComparer.Ordinal).ToList();
    }
}
