using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Puts the previous state back on the nodes that answer: data, keys and manifests as they were. What was not swapped is not stopped: its
/// manifests are put back, and that is all. Whether the previous state serves is compared with what was recorded before the restore, and
/// told; it is no condition, since many a cluster that is restored did not serve. Serves Undo too. It can be run again until every node has
/// been put back.
/// </summary>
internal sealed class Rollback
{
    // Everything has been started and waited for by then: this only looks once more, so that what is told is true.
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, NodeStanding> _standings = new(StringComparer.Ordinal);
    private readonly RestoreRun _run;
    private readonly IControlPlaneHealth _health;
    private readonly TolerantSteps _steps;
    private readonly ControlPlaneSequence _sequence;
    private readonly int _members;
    private readonly bool _raises;
    private readonly Raising _raising;
    private bool _nothingElects;

    /// <param name="run">The nodes that answer.</param>
    /// <param name="health">Says whether what was started serves.</param>
    /// <param name="phase">Name of the phase in journals and reports.</param>
    /// <param name="members">Control-plane nodes in all, also those that do not answer.</param>
    /// <param name="raises">Whether what the new data served may have been seen by clients: then the previous data is put back with
    /// revisions above it.</param>
    public Rollback(RestoreRun run, IControlPlaneHealth health, string phase, int members, bool raises)
    {
        (_run, _health, _members, _raises) = (run, health, members, raises);
        _raising = new Raising(run, phase);
        _steps = new TolerantSteps(run, phase, LeftBehind, RequireQuorum);
        _sequence = new ControlPlaneSequence(run.Session, _steps, health, run.Options.StepTimeout, run.Options.Force);
    }

    /// <summary>Nodes that could not be put back, with the reasons.</summary>
    public Dictionary<string, string> Left => _steps.Left;

    /// <summary>What served before the restore and does not serve now, in sentences; null where all is as it was.</summary>
    public string? Worse { get; private set; }

    /// <summary>How revisions were raised; null where they were not.</summary>
    public RaiseOrder? Raised { get; private set; }

    /// <summary>Nodes that were put back, now or by an earlier run.</summary>
    public IReadOnlyList<RestoreNode> Reached => _steps.Reached;

    private IEnumerable<RestoreNode> Pending => Reached.Where(n => _standings.GetValueOrDefault(n.Name)?.Position != NodePosition.PutBack);

    /// <summary>Carries it out.</summary>
    /// <param name="cancellationToken">Stops between steps; what is left can be done by another run.</param>
    /// <exception cref="EtcdDrException"><c>RollbackIncomplete</c>: a step failed on so many nodes that no majority is left.
    /// <c>ClusterLocked</c>.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _steps.RunAsync(StepNames.Look, Reached, LookAsync, cancellationToken);
        var action = RestoreDecision.Next(
            RestoreIntent.RollBack,
            [.. _standings.Values, .. Left.Keys.Where(n => !_standings.ContainsKey(n)).Select(NodeStanding.Away)]
        );
        await _steps.RecordAsync(RestoreState.RollingBack, Pending, cancellationToken);
        if (action.Kind == RestoreActionKind.PutBack)
        {
            await SwapBackAsync(cancellationToken);
        }

        await StartAsync(cancellationToken);
        if (Raised is not null)
        {
            await _raising.DropAsync(Reached, cancellationToken);
        }
    }

    /// <summary>Leaves a node out that is known to be away.</summary>
    public void LeaveOut(string node, string why) => Left[node] = why;

    /// <summary>Records the end on the nodes that were put back, and here.</summary>
    public Task RecordAsync(RestoreState state, CancellationToken cancellationToken) =>
        _steps.RecordAsync(state, Reached, cancellationToken);

    private async Task LookAsync(RestoreNode node, CancellationToken cancellationToken)
    {
        var standing = await _run.LookAsync(node, cancellationToken);
        lock (_standings)
        {
            _standings[node.Name] = standing;
        }
    }

    // Only nodes with new data are stopped; the rest have the previous data, whether they run or are held.
    private async Task SwapBackAsync(CancellationToken cancellationToken)
    {
        var swapped = Pending.Where(n => _standings[n.Name].Swapped).ToList();
        Raised = await RaiseAsync(swapped, cancellationToken);
        await _sequence.StopAsync([.. _steps.StillReached(swapped).Select(n => n.ControlPlane)], cancellationToken);
        _nothingElects = swapped.Count == _members && Left.Count == 0;
        await _steps.RunAsync(
            Raised is null ? StepNames.UnswapData : StepNames.ReturnRaised,
            swapped,
            async (node, ct) => await SwapBackAsync(await _run.Session.HostAsync(node.Node, ct), node.Journal, ct),
            cancellationToken
        );
        await _steps.RunAsync(
            StepNames.UnswapKeys,
            swapped,
            async (node, ct) =>
                await DataSwap.KeysAsync(
                    await _run.Session.HostAsync(node.Node, ct),
                    node.Journal,
                    StepNames.UnswapKeys,
                    RestoreCommands.UnswapKeys,
                    ct
                ),
            cancellationToken
        );
    }

    private Task SwapBackAsync(Ssh.IRemoteHost host, JournalNode node, CancellationToken cancellationToken) =>
        Raised is null
            ? DataSwap.RunAsync(host, node, StepNames.UnswapData, RestoreCommands.UnswapData, cancellationToken)
            : DataSwap.RaisedAsync(host, node, StepNames.ReturnRaised, cancellationToken);

    // Built while the new state serves, so that the API is not away for it.
    private async Task<RaiseOrder?> RaiseAsync(IReadOnlyList<RestoreNode> swapped, CancellationToken cancellationToken)
    {
        var order = _run.Journal.Current.Raise ?? _run.Nodes.SelectMany(Journals).FirstOrDefault(j => j.Raise is not null)?.Raise;
        if (!_raises && order is null)
        {
            return null;
        }

        var healthy = _run.Nodes.Count(n => n.MemberWasHealthy);
        var decision = RaiseDecision.Of(
            [.. _standings.Values],
            order,
            RestoreDecision.IsMajority(healthy, _run.Nodes.Count),
            [.. _run.Lost.Order(StringComparer.Ordinal)]
        );
        if (decision.WhyNot is { } why)
        {
            _raising.Warn(why);
        }

        if (!decision.Raise)
        {
            return null;
        }

        if (decision.Order is null)
        {
            return await _raising.PrepareAsync(swapped, cancellationToken);
        }

        await _run.Journal.ChangeAsync(j => j with { Raise = order, RaisedTo = order!.To }, cancellationToken);
        _steps.Leave(await _raising.GoOnAsync(decision.Order, _steps.StillReached(swapped), cancellationToken));
        return decision.Order;
    }

    private static IEnumerable<RestoreJournal> Journals(RestoreNode node) =>
        node.Facts.Journals.Where(j => j.Directory == node.Journal.JournalDirectory).Select(j => j.Journal);

    // Nothing that holds the previous state stays stopped because another part comes up slowly or not at all: all is started, whatever the
    // waits say.
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _sequence.StartEtcdAsync(ControlPlanes(Reached), cancellationToken);
        var slow = await IsSlowAsync(n => n.MemberWasHealthy, _sequence.WaitForEtcdAsync, cancellationToken);
        await _sequence.StartApiServersAsync(ControlPlanes(Reached), cancellationToken);
        slow |= await IsSlowAsync(
            n => n.ApiServerWasReady,
            (nodes, ct) => _sequence.WaitForApiServersAsync(nodes, OnFirstReadyAsync, ct),
            cancellationToken
        );
        if (_nothingElects && _run.ApiReady is not null)
        {
            await _steps.OnceAsync(
                StepNames.ReleaseLeases,
                ct => LeaderLeases.ReleaseAsync(_run.Session, ControlPlanes(Reached), ct),
                cancellationToken
            );
        }

        await _sequence.StartRestAsync(ControlPlanes(Reached), cancellationToken);
        if (slow)
        {
            Worse = await CompareAsync(cancellationToken);
        }
    }

    private async Task<bool> IsSlowAsync(
        Func<RestoreNode, bool> expected,
        Func<IReadOnlyList<ControlPlaneNode>, CancellationToken, Task> wait,
        CancellationToken cancellationToken
    )
    {
        var nodes = ControlPlanes(Reached.Where(expected));
        if (nodes.Count == 0)
        {
            return false;
        }

        try
        {
            await wait(nodes, cancellationToken);
            return false;
        }
        catch (EtcdDrException e) when (IsNotReady(e))
        {
            _run.Context.Sink.Warning($"{e.Message} Everything else is started all the same.");
            return true;
        }
    }

    private async Task<string?> CompareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _health.WaitForEtcdAsync(ControlPlanes(Reached.Where(n => n.MemberWasHealthy)), LastLook, cancellationToken);
            await _health.WaitForApiServersAsync(
                ControlPlanes(Reached.Where(n => n.ApiServerWasReady)),
                LastLook,
                OnFirstReadyAsync,
                cancellationToken
            );
            return null;
        }
        catch (EtcdDrException e) when (IsNotReady(e))
        {
            _run.Context.Sink.Warning(
                $"Data, keys and manifests of cluster '{_run.Session.Cluster.Name}' are as they were before the restore, but not all "
                    + $"serves that served then: {e.Message}"
            );
            return e.Message;
        }
    }

    private static bool IsNotReady(EtcdDrException e) => e.ErrorId is "EtcdNotHealthy" or "ApiServerNotReady";

    private static IReadOnlyList<ControlPlaneNode> ControlPlanes(IEnumerable<RestoreNode> nodes) => [.. nodes.Select(n => n.ControlPlane)];

    private Task OnFirstReadyAsync()
    {
        _run.ApiReady ??= _run.Context.Time.GetUtcNow().UtcDateTime;
        return Task.CompletedTask;
    }

    private static string LeftBehind(string node, string why) =>
        $"Node '{node}' could not be put back: {why} It stays as it is until Undo-EtcdRestore is run again with the node present.";

    // Fewer than a majority could not form the previous etcd again; better to leave those as they are, journalled, than to start what
    // cannot serve.
    private void RequireQuorum(IReadOnlyList<RestoreNode> reached)
    {
        if (RestoreDecision.IsMajority(reached.Count, _members))
        {
            return;
        }

        var reasons = string.Join(" ", Left.Select(l => Errors.RollbackIncomplete_Node_Part.With(l.Key, l.Value)));
        throw new EtcdDrException(
            "RollbackIncomplete",
            EtcdDrErrorCategory.ConnectionError,
            Errors.RollbackIncomplete.With(_run.Session.Cluster.Name, reached.Count, _members, reasons),
            Errors.RollbackIncomplete_Action.With(_run.Session.Cluster.Name, _run.Journal.Current.Id),
            _run.Session.Cluster.Name
        );
    }
}
