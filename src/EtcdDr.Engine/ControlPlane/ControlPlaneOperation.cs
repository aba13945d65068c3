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
    private static readonly string[] Api = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    private static readonly string[] Etcd = ["etcd"];
    private static readonly string[] Rest = ["kube-controller-manager", "kube-scheduler"];
    private static readonly string[] All = [.. Api, .. Etcd];

    /// <summary>Stops apiserver, controller manager and scheduler, then etcd. Kubelets and workloads go on.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="limit">How long containers may take to stop.</param>
    /// <param name="force">Whether a container that will not stop is killed, that container alone.</param>
    /// <param name="cancellationToken">Stops between steps; running it again ends it.</param>
    /// <exception cref="EtcdDrException"><c>ContainerWillNotStop</c>, <c>ClusterLocked</c>, or a node does not answer.</exception>
    public async Task<IReadOnlyList<ControlPlaneState>> StopAsync(EtcdCluster cluster, TimeSpan limit, bool force, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var nodes = await PlacesAsync(session, cancellationToken);
        await using var held = await ClusterLock.TakeAsync(session, nodes.Select(n => n.Node), LockMode.Exclusive, "stopping the control plane", false, cancellationToken);
        var watch = Stopwatch.StartNew();
        var activity = $"Stop the control plane of {cluster.Name}";
        var leader = EtcdStopOrder.FindLeaderAsync(session, nodes, cancellationToken);
        await HoldAsync(nodes, Api);
        foreach (var group in EtcdStopOrder.Groups(nodes, n => n.Node.Name, await leader))
        {
            await HoldAsync(group, Etcd);
        }

        return await StatesAsync(session, nodes, watch.Elapsed, cancellationToken);

        async Task HoldAsync(IReadOnlyList<ControlPlaneNode> group, string[] components)
        {
            var step = $"Stopping {string.Join(", ", components)}";
            Tell(activity, null, step);
            await OnNodesAsync(group, async (node, ct) =>
            {
                Tell(activity, node.Node.Name, step);
                var host = await session.HostAsync(node.Node, ct);
                await StaticPods.HoldAsync(host, node.Place, components, "stop-control-plane", limit, force, ct);
                Tell(activity, node.Node.Name, step, completed: true);
            }, cancellationToken);
        }
    }

    /// <summary>Puts back what <see cref="StopAsync"/> took aside: etcd, and when a quorum serves the apiservers, then the rest.</summary>
    /// <param name="cluster">The cluster; its profile must name the nodes, since no API can.</param>
    /// <param name="limit">How long etcd, and then the apiservers, may take.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>, <c>ApiServerNotReady</c>, naming the nodes and why.</exception>
    public async Task<IReadOnlyList<ControlPlaneState>> StartAsync(EtcdCluster cluster, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var nodes = await PlacesAsync(session, cancellationToken);
        await using var held = await ClusterLock.TakeAsync(session, nodes.Select(n => n.Node), LockMode.Exclusive, "starting the control plane", false, cancellationToken);
        var watch = Stopwatch.StartNew();
        var health = new ControlPlaneHealth(session);
        var activity = $"Start the control plane of {cluster.Name}";
        Tell(activity, null, "Starting etcd");
        await StartEtcdAsync(session, nodes, cancellationToken);
        Tell(activity, null, "Waiting until every member serves reads");
        await health.WaitForEtcdAsync(nodes, limit, cancellationToken);
        await ReleaseAsync(session, nodes, ["kube-apiserver"], cancellationToken);
        Tell(activity, null, "Waiting until every apiserver is ready");
        await health.WaitForApiServersAsync(nodes, limit, () => Task.CompletedTask, cancellationToken);
        await ReleaseAsync(session, nodes, Rest, cancellationToken);
        return await StatesAsync(session, nodes, watch.Elapsed, cancellationToken);
    }

    private void Tell(string activity, string? node, string step, bool completed = false) =>
        context.Sink.Progress(new ProgressUpdate(activity, node, step) { Completed = completed });

    private async Task<IReadOnlyList<ControlPlaneNode>> PlacesAsync(ClusterSession session, CancellationToken cancellationToken)
    {
        await using var api = await KubeApi.ConnectAsync(session.Cluster, cancellationToken);
        var alive = await api.ProbeAsync("/readyz", cancellationToken);
        var nodes = (await ClusterNodes.GetAsync(session, alive ? api : null, cancellationToken)).Where(n => n.Role == NodeRole.ControlPlane).ToList();
        var places = new ConcurrentBag<ControlPlaneNode>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(nodes, parallel, async (node, ct) => places.Add(await ControlPlaneNode.ReadAsync(session, node, ct)));
        return places.OrderBy(p => p.Node.Name, StringComparer.Ordinal).ToList();
    }

    private async Task OnNodesAsync(IReadOnlyList<ControlPlaneNode> nodes, Func<ControlPlaneNode, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(
            nodes,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (node, ct) => await work(node, ct));

    private async Task StartEtcdAsync(ClusterSession session, IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken)
    {
        if (!EtcdStartOrder.OneByOne(nodes))
        {
            await ReleaseAsync(session, nodes, Etcd, cancellationToken);
            return;
        }

        foreach (var node in nodes)
        {
            await ReleaseAsync(session, [node], Etcd, cancellationToken);
            if (node != nodes[^1])
            {
                await EtcdStartOrder.WaitForPeersServedAsync(session, node, cancellationToken);
            }
        }
    }

    private Task ReleaseAsync(ClusterSession session, IReadOnlyList<ControlPlaneNode> nodes, string[] components, CancellationToken cancellationToken) =>
        OnNodesAsync(nodes, async (node, ct) =>
        {
            var host = await session.HostAsync(node.Node, ct);
            await StaticPods.ReleaseAsync(host, node.Place, components, "start-control-plane", ct);
        }, cancellationToken);

    private async Task<IReadOnlyList<ControlPlaneState>> StatesAsync(ClusterSession session, IReadOnlyList<ControlPlaneNode> nodes, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        var states = new ConcurrentBag<ControlPlaneState>();
        await OnNodesAsync(nodes, async (node, ct) =>
        {
            var host = await session.HostAsync(node.Node, ct);
            string[] arguments = [node.Place.ManifestDirectory, node.Place.HoldDirectory, node.Place.RuntimeEndpoint, .. All];
            var seen = await host.RunAsync(ControlPlaneCommands.State.With(arguments), ct);
            states.Add(ControlPlaneReading.Parse(session.Cluster.Name, node.Node.Name, seen.Text, elapsed));
        }, cancellationToken);
        return states.OrderBy(s => s.Node, StringComparer.Ordinal).ToList();
    }
}
