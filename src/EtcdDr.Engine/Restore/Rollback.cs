using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Puts the previous state back on the nodes that answer: stop everything, swap back, start. The inverse of <see cref="Cutover"/>, from wherever that got to; serves Undo too.
/// It can be run again until every node has been put back.
/// </summary>
/// <param name="run">The nodes that answer.</param>
/// <param name="health">Tells whether what was started serves.</param>
/// <param name="phase">Name of the phase in journals and reports.</param>
/// <param name="members">Control-plane nodes in all, also those that do not answer.</param>
internal sealed class Rollback(RestoreRun run, IControlPlaneHealth health, string phase, int members)
{
    private readonly HashSet<string> _away = new(StringComparer.Ordinal);

    /// <summary>Nodes that could not be put back, with the reasons.</summary>
    public Dictionary<string, string> Left { get; } = new(StringComparer.Ordinal);

    /// <summary>Nodes that were put back.</summary>
    public IReadOnlyList<RestoreNode> Reached => run.Nodes.Where(n => !_away.Contains(n.Name)).ToList();

    // Nodes that an earlier run put back while others were away serve the previous state: they count, and are left alone.
    private IEnumerable<RestoreNode> Pending => Reached.Where(n => !n.IsPutBack);

    /// <summary>Carries it out.</summary>
    /// <param name="expectHealth">Whether the previous etcd is known to have been healthy, so that it must be again.</param>
    /// <param name="cancellationToken">Stops between steps; what is left can be done by another run.</param>
    /// <exception cref="EtcdDrException">A step failed on a majority, or the previous state does not come up.</exception>
    public async Task RunAsync(bool expectHealth, CancellationToken cancellationToken)
    {
        await TellAsync(RestoreState.RollingBack, Pending, cancellationToken);
        await StepAsync(StepNames.StopApi, (node, step, ct) => HoldAsync(node, NotEtcd(node), step, ct), cancellationToken);
        await StepAsync(StepNames.StopEtcd, (node, step, ct) => HoldAsync(node, Etcd(node), step, ct), cancellationToken);
        await StepAsync(StepNames.UnswapData, async (node, step, ct) =>
            await DataSwap.RunAsync(await run.Session.HostAsync(node.Node, ct), node.Journal, step, RestoreCommands.UnswapData, ct), cancellationToken);
        await StepAsync(StepNames.UnswapKeys, async (node, step, ct) =>
            await DataSwap.KeysAsync(await run.Session.HostAsync(node.Node, ct), node.Journal, step, RestoreCommands.UnswapKeys, ct), cancellationToken);
        RequireQuorum();
        await StartEtcdAsync();
        var slow = expectHealth && await IsSlowAsync(WaitForEtcdAsync, cancellationToken);
        await StepAsync(StepNames.StartApi, (node, step, ct) => ReleaseAsync(node, Api(node), step, ct), cancellationToken);
        slow = slow || (expectHealth && await IsSlowAsync(WaitForApiServersAsync, cancellationToken));
        await StepAsync(StepNames.StartRest, (node, step, ct) => ReleaseAsync(node, Rest(node), step, ct), cancellationToken);
        if (slow)
        {
            await WaitOnceMoreAsync(cancellationToken);
        }
    }

    // Nothing that holds the previous state stays stopped because it comes up slowly: all is started, and then waited for once more.
    private async Task<bool> IsSlowAsync(Func<CancellationToken, Task> wait, CancellationToken cancellationToken)
    {
        try
        {
            await wait(cancellationToken);
            return false;
        }
        catch (EtcdDrException e) when (IsNotReady(e))
        {
            run.Context.Sink.Warning($"{e.Message} It is given more time while everything else is started.");
            return true;
        }
    }

    private async Task WaitOnceMoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WaitForEtcdAsync(cancellationToken);
            await WaitForApiServersAsync(cancellationToken);
        }
        catch (EtcdDrException e) when (IsNotReady(e))
        {
            var nodes = string.Join(", ", Reached.Select(n => n.Name));
            throw new EtcdDrException(
                "RollbackIncomplete",
                e.Category,
                Errors.RollbackIncomplete_NotServing.With(run.Session.Cluster.Name, nodes, e.Message),
                Errors.RollbackIncomplete_NotServing_Action.With(e.RecommendedAction, run.Session.Cluster.Name, run.Journal.Current.Id),
                run.Session.Cluster.Name,
                e);
        }
    }

    private static bool IsNotReady(EtcdDrException e) => e.ErrorId is "EtcdNotHealthy" or "ApiServerNotReady";

    private Task WaitForEtcdAsync(CancellationToken cancellationToken) => run.OnceAsync(phase, StepNames.WaitEtcd, async ct =>
    {
        await health.WaitForEtcdAsync(Reached.Select(n => n.ControlPlane).ToList(), run.Options.StepTimeout, ct);
        return null;
    }, cancellationToken);

    private Task WaitForApiServersAsync(CancellationToken cancellationToken) => run.OnceAsync(phase, StepNames.WaitApi, async ct =>
    {
        await health.WaitForApiServersAsync(Reached.Select(n => n.ControlPlane).ToList(), run.Options.StepTimeout, OnFirstReadyAsync, ct);
        return null;
    }, cancellationToken);

    /// <summary>Leaves a node out that is known to be away.</summary>
    public void LeaveOut(string node, string why) => Left[node] = why;

    /// <summary>Records the end on the nodes that were put back, and here.</summary>
    public Task TellAsync(RestoreState state, CancellationToken cancellationToken) => TellAsync(state, Reached, cancellationToken);

    private async Task TellAsync(RestoreState state, IEnumerable<RestoreNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var (node, why) in await run.RecordAsync(state, nodes.ToList(), cancellationToken))
        {
            GiveUp(node, why);
        }

        RequireQuorum();
    }

    private static IReadOnlyList<string> Etcd(RestoreNode node) => node.Journal.Components.Where(c => c == "etcd").ToList();

    private static IReadOnlyList<string> NotEtcd(RestoreNode node) => node.Journal.Components.Where(c => c != "etcd").ToList();

    private static IReadOnlyList<string> Api(RestoreNode node) => node.Journal.Components.Where(c => c == "kube-apiserver").ToList();

    private static IReadOnlyList<string> Rest(RestoreNode node) => node.Journal.Components.Where(c => c is not ("etcd" or "kube-apiserver")).ToList();

    private Task OnFirstReadyAsync()
    {
        run.ApiReady ??= run.Context.Time.GetUtcNow().UtcDateTime;
        return Task.CompletedTask;
    }

    private async Task StepAsync(string name, Func<RestoreNode, string, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var failures = await run.TryOnNodesAsync(phase, name, Pending.ToList(), async (node, ct) =>
        {
            await work(node, name, ct);
            return null;
        }, CancellationToken.None);
        foreach (var (node, why) in failures)
        {
            GiveUp(node, why);
        }

        RequireQuorum();
    }

    private async Task StartEtcdAsync()
    {
        var failures = await run.TryStartEtcdAsync(
            phase, Reached, (node, ct) => ReleaseAsync(node, Etcd(node), StepNames.StartEtcd, ct), CancellationToken.None);
        foreach (var (node, why) in failures)
        {
            GiveUp(node, why);
        }

        RequireQuorum();
    }

    private void GiveUp(string node, EtcdDrException why)
    {
        _away.Add(node);
        Left[node] = why.Message;
        run.Context.Sink.Warning($"Node '{node}' could not be put back: {why.Message} Its control plane stays stopped until Undo-EtcdRestore is run again with the node present.");
    }

    // Fewer than a majority could not form the previous etcd again; better to leave those as they are, journalled, than to start what cannot serve.
    private void RequireQuorum()
    {
        if (Reached.Count > members / 2)
        {
            return;
        }

        var reasons = string.Join(" ", Left.Select(l => Errors.RollbackIncomplete_Node_Part.With(l.Key, l.Value)));
        throw new EtcdDrException(
            "RollbackIncomplete",
            EtcdDrErrorCategory.ConnectionError,
            Errors.RollbackIncomplete.With(run.Session.Cluster.Name, Reached.Count, members, reasons),
            Errors.RollbackIncomplete_Action.With(run.Session.Cluster.Name, run.Journal.Current.Id),
            run.Session.Cluster.Name);
    }

    private async Task HoldAsync(RestoreNode node, IReadOnlyList<string> components, string step, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        await StaticPods.HoldAsync(host, node.ControlPlane.Place, components, step, run.Options.StepTimeout, run.Options.Force, cancellationToken);
    }

    private async Task ReleaseAsync(RestoreNode node, IReadOnlyList<string> components, string step, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        await StaticPods.ReleaseAsync(host, node.ControlPlane.Place, components, step, cancellationToken);
    }
}
