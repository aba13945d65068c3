using EtcdDr.Engine.Clusters;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>
/// The one order in which a control plane is stopped and started, for restores, their way back, and Stop- and Start-EtcdControlPlane alike.
/// Stopped are the apiservers, the controller managers and the schedulers, then etcd's followers, then its leader; started are etcd, when
/// it serves the apiservers, when they serve the rest. A barrier lies between any two steps.
/// </summary>
/// <param name="session">The cluster.</param>
/// <param name="steps">How steps are run.</param>
/// <param name="health">Says whether what was started serves.</param>
/// <param name="limit">Limit of each wait: containers gone, etcd healthy, apiservers ready.</param>
/// <param name="force">Whether a container that will not stop is killed, that container alone.</param>
internal sealed class ControlPlaneSequence(
    ClusterSession session,
    IControlPlaneSteps steps,
    IControlPlaneHealth health,
    TimeSpan limit,
    bool force
)
{
    /// <summary>
    /// Stops the control plane of these nodes and returns when its containers are gone. That the kubelets let go of the apiservers is
    /// waited for while etcd stops, not before: an apiserver that is started once more meanwhile is stopped again with etcd.
    /// </summary>
    public async Task StopAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken)
    {
        var leader = EtcdStopOrder.FindLeaderAsync(session, nodes, cancellationToken);
        await HoldAsync(ControlPlaneStep.StopApi, nodes, p => p.Name != ControlPlanePart.Etcd, StopEnd.Stopped, cancellationToken);
        foreach (var group in EtcdStopOrder.Groups(nodes, n => n.Name, await leader))
        {
            await HoldAsync(ControlPlaneStep.StopEtcd, group, _ => true, StopEnd.Gone, cancellationToken);
        }
    }

    /// <summary>Starts etcd on these nodes, at once or one after the other as <see cref="EtcdStartOrder"/> says;
    /// <see cref="WaitForEtcdAsync"/> tells when it serves.</summary>
    public async Task StartEtcdAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken)
    {
        if (!EtcdStartOrder.OneByOne(nodes))
        {
            await ReleaseAsync(ControlPlaneStep.StartEtcd, nodes, p => p.Name == ControlPlanePart.Etcd, cancellationToken);
            return;
        }

        foreach (var node in nodes)
        {
            await steps.OnNodesAsync(
                ControlPlaneStep.StartEtcd,
                [node],
                async (one, ct) =>
                {
                    await ReleaseAsync(one, ControlPlaneStep.StartEtcd, p => p.Name == ControlPlanePart.Etcd, ct);
                    if (one != nodes[^1])
                    {
                        await EtcdStartOrder.WaitForPeersServedAsync(session, one, ct);
                    }
                },
                cancellationToken
            );
        }
    }

    /// <summary>Returns when the members on these nodes serve linearizable reads.</summary>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>.</exception>
    public Task WaitForEtcdAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken) =>
        steps.OnceAsync(ControlPlaneStep.WaitEtcd, ct => health.WaitForEtcdAsync(nodes, limit, ct), cancellationToken);

    /// <summary>Starts the apiservers of these nodes.</summary>
    public Task StartApiServersAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken) =>
        ReleaseAsync(ControlPlaneStep.StartApi, nodes, p => p.Name == ControlPlanePart.ApiServer, cancellationToken);

    /// <summary>Returns when the apiservers of these nodes are ready.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="firstReady">Called once, when the first of them is.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EtcdDrException"><c>ApiServerNotReady</c>.</exception>
    public Task WaitForApiServersAsync(IReadOnlyList<ControlPlaneNode> nodes, Func<Task> firstReady, CancellationToken cancellationToken) =>
        steps.OnceAsync(
            ControlPlaneStep.WaitApi,
            ct => health.WaitForApiServersAsync(WithApiServer(nodes), limit, firstReady, ct),
            cancellationToken
        );

    /// <summary>The nodes that run an apiserver; where none does, all, so that the wait says so.</summary>
    internal static IReadOnlyList<ControlPlaneNode> WithApiServer(IReadOnlyList<ControlPlaneNode> nodes)
    {
        var serving = nodes.Where(n => n.Parts.Any(p => p.Name == ControlPlanePart.ApiServer)).ToList();
        return serving.Count > 0 ? serving : nodes;
    }

    /// <summary>Starts controller managers and schedulers.</summary>
    public Task StartRestAsync(IReadOnlyList<ControlPlaneNode> nodes, CancellationToken cancellationToken) =>
        ReleaseAsync(
            ControlPlaneStep.StartRest,
            nodes,
            p => p.Name is not (ControlPlanePart.Etcd or ControlPlanePart.ApiServer),
            cancellationToken
        );

    /// <summary>Starts all, each part when the one before it serves.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="firstReady">Called once, when the first apiserver is ready.</param>
    /// <param name="beforeRest">Called when all apiservers are ready, before controller managers and schedulers start.</param>
    /// <param name="cancellationToken">Stops between steps and while waiting.</param>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>, <c>ApiServerNotReady</c>.</exception>
    public async Task StartAsync(
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<Task> firstReady,
        Func<Task> beforeRest,
        CancellationToken cancellationToken
    )
    {
        await StartServingAsync(nodes, firstReady, cancellationToken);
        await beforeRest();
        await StartRestAsync(nodes, cancellationToken);
    }

    /// <summary>Starts what serves, etcd and the apiservers, and nothing that acts by itself.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="firstReady">Called once, when the first apiserver is ready.</param>
    /// <param name="cancellationToken">Stops between steps and while waiting.</param>
    /// <exception cref="EtcdDrException"><c>EtcdNotHealthy</c>, <c>ApiServerNotReady</c>.</exception>
    public async Task StartServingAsync(IReadOnlyList<ControlPlaneNode> nodes, Func<Task> firstReady, CancellationToken cancellationToken)
    {
        await StartEtcdAsync(nodes, cancellationToken);
        await WaitForEtcdAsync(nodes, cancellationToken);
        await StartApiServersAsync(nodes, cancellationToken);
        await WaitForApiServersAsync(nodes, firstReady, cancellationToken);
    }

    private Task HoldAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlanePart, bool> which,
        StopEnd until,
        CancellationToken cancellationToken
    ) =>
        steps.OnNodesAsync(
            step,
            nodes,
            async (node, ct) =>
            {
                var host = await session.HostAsync(node.Node, ct);
                await StaticPods.HoldAsync(host, node.Place, [.. node.Parts.Where(which)], step, until, limit, force, ct);
            },
            cancellationToken
        );

    private Task ReleaseAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlanePart, bool> which,
        CancellationToken cancellationToken
    ) => steps.OnNodesAsync(step, nodes, (node, ct) => ReleaseAsync(node, step, which, ct), cancellationToken);

    private async Task ReleaseAsync(
        ControlPlaneNode node,
        string step,
        Func<ControlPlanePart, bool> which,
        CancellationToken cancellationToken
    )
    {
        var host = await session.HostAsync(node.Node, cancellationToken);
        await StaticPods.ReleaseAsync(host, node.Place, [.. node.Parts.Where(which)], step, cancellationToken);
    }
}
