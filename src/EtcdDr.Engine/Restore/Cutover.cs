using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The only time that the API is away: stop, swap by rename, start. A barrier lies between steps: no node starts anything before all nodes have swapped, so old and new
/// data never serve together. Run again after an interruption it does only what is left.
/// </summary>
internal sealed class Cutover(RestoreRun run, IControlPlaneHealth health)
{
    private const string Phase = "Cutover";

    private static readonly string[] Etcd = ["etcd"];
    private static readonly string[] Api = ["kube-apiserver"];

    /// <summary>Whether the new state has begun to serve: from then on nothing is rolled back by itself.</summary>
    public bool Serves { get; private set; }

    /// <summary>Carries it out. Steps are not cut in two by cancellation: the one at hand ends (each is bounded in time), then it stops.</summary>
    /// <exception cref="EtcdDrException">A step failed; <see cref="Serves"/> tells on which side.</exception>
    /// <exception cref="OperationCanceledException">It was stopped between steps or while waiting.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var refusals = await run.RecordAsync(RestoreState.CuttingOver, run.Nodes, cancellationToken);
        if (refusals.Count > 0)
        {
            throw RestoreRun.StepFailed(StepNames.State, refusals);
        }

        run.ApiStopped = run.Context.Time.GetUtcNow().UtcDateTime;
        var leader = EtcdStopOrder.FindLeaderAsync(run.Session, run.ControlPlanes, cancellationToken);
        await StepAsync(StepNames.StopApi, (node, step, ct) => HoldAsync(node, Except(node, Etcd), step, ct), cancellationToken);
        foreach (var group in EtcdStopOrder.Groups(run.Nodes, n => n.Name, await leader))
        {
            await StepAsync(StepNames.StopEtcd, group, (node, step, ct) => HoldAsync(node, Only(node, Etcd), step, ct), cancellationToken);
        }

        await StepAsync(StepNames.SwapData, SwapDataAsync, cancellationToken);
        if (run.Nodes.Any(n => n.Journal.Keys.Count > 0))
        {
            await StepAsync(StepNames.SwapKeys, SwapKeysAsync, cancellationToken);
        }

        await StartEtcdAsync(cancellationToken);
        await run.OnceAsync(Phase, StepNames.WaitEtcd, async ct =>
        {
            await health.WaitForEtcdAsync(run.ControlPlanes, run.Options.StepTimeout, ct);
            return null;
        }, cancellationToken);
        await StartApiAsync(cancellationToken);
    }

    /// <summary>Puts back what a serving state still lacks and waits until all apiservers are ready: the end of a cutover that was interrupted late.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        Serves = true;
        await StartEtcdAsync(cancellationToken);
        await StartApiAsync(cancellationToken);
    }

    private async Task StartEtcdAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await EnsureLockAsync(cancellationToken);
        var failures = await run.TryStartEtcdAsync(
            Phase, run.Nodes, (node, ct) => ReleaseAsync(node, Only(node, Etcd), StepNames.StartEtcd, ct), CancellationToken.None);
        if (failures.Count > 0)
        {
            throw RestoreRun.StepFailed(StepNames.StartEtcd, failures);
        }
    }

    private async Task StartApiAsync(CancellationToken cancellationToken)
    {
        await StepAsync(StepNames.StartApi, (node, step, ct) => ReleaseAsync(node, Only(node, Api), step, ct), cancellationToken);
        await run.OnceAsync(Phase, StepNames.WaitApi, async ct =>
        {
            await health.WaitForApiServersAsync(run.ControlPlanes, run.Options.StepTimeout, OnFirstReadyAsync, ct);
            return null;
        }, cancellationToken);
        await StepAsync(StepNames.StartRest, (node, step, ct) => ReleaseAsync(node, Except(node, [.. Etcd, .. Api]), step, ct), cancellationToken);
    }

    private async Task OnFirstReadyAsync()
    {
        Serves = true;
        run.ApiReady ??= run.Context.Time.GetUtcNow().UtcDateTime;
        var untold = await run.RecordAsync(RestoreState.Converging, run.Nodes, CancellationToken.None);
        foreach (var (node, why) in untold)
        {
            run.Context.Sink.Warning($"The new state serves, but node '{node}' could not record it: {why.Message}");
        }
    }

    private static IReadOnlyList<string> Only(RestoreNode node, string[] names) => node.Journal.Components.Where(names.Contains).ToList();

    private static IReadOnlyList<string> Except(RestoreNode node, string[] names) => node.Journal.Components.Where(c => !names.Contains(c)).ToList();

    private Task StepAsync(string name, Func<RestoreNode, string, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        StepAsync(name, run.Nodes, work, cancellationToken);

    private async Task StepAsync(string name, IReadOnlyList<RestoreNode> nodes, Func<RestoreNode, string, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await EnsureLockAsync(cancellationToken);
        await run.OnNodesAsync(Phase, name, nodes, async (node, ct) =>
        {
            await work(node, name, ct);
            return null;
        }, CancellationToken.None);
    }

    private Task EnsureLockAsync(CancellationToken cancellationToken) => run.Lock?.EnsureAsync(cancellationToken) ?? Task.CompletedTask;

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

    private async Task SwapDataAsync(RestoreNode node, string step, CancellationToken cancellationToken) =>
        await DataSwap.RunAsync(await run.Session.HostAsync(node.Node, cancellationToken), node.Journal, step, RestoreCommands.SwapData, cancellationToken);

    private async Task SwapKeysAsync(RestoreNode node, string step, CancellationToken cancellationToken) =>
        await DataSwap.KeysAsync(await run.Session.HostAsync(node.Node, cancellationToken), node.Journal, step, RestoreCommands.SwapKeys, cancellationToken);
}
