using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The only time that the API is away: stop, swap by rename, start. A barrier lies between steps: no node starts anything before all nodes
/// have swapped, so old and new data never serve together. Run again after an interruption it does only what is left. Where the new
/// state is to be quiet, the kubelets of workers are held before anything stops, and nothing is started that acts by itself.
/// </summary>
internal sealed class Cutover
{
    private const string Phase = "Cutover";

    private readonly RestoreRun _run;
    private readonly RestoreSteps _steps;
    private readonly ControlPlaneSequence _sequence;
    private readonly QuietNodes? _quiet;

    /// <param name="run">The control-plane nodes.</param>
    /// <param name="health">Tells whether what was started serves.</param>
    /// <param name="quiet">What is held; null where the new state is not to be quiet.</param>
    public Cutover(RestoreRun run, IControlPlaneHealth health, QuietNodes? quiet)
    {
        (_run, _quiet) = (run, quiet);
        _steps = new RestoreSteps(run, Phase);
        _sequence = new ControlPlaneSequence(run.Session, _steps, health, run.Options.StepTimeout, run.Options.Force);
    }

    /// <summary>Whether the new state has begun to serve: from then on nothing is rolled back by itself.</summary>
    public bool Serves { get; private set; }

    /// <summary>Carries it out.</summary>
    /// <exception cref="EtcdDrException">A step failed; <see cref="Serves"/> tells on which side.</exception>
    /// <exception cref="OperationCanceledException">It was stopped between steps or while waiting.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var refusals = await _run.RecordAsync(RestoreState.CuttingOver, _run.Nodes, cancellationToken);
        if (refusals.Count > 0)
        {
            throw RestoreRun.StepFailed(StepNames.State, refusals);
        }

        if (_quiet is not null)
        {
            await _quiet.HoldAsync(Phase, cancellationToken);
        }

        _run.ApiStopped = _run.Context.Time.GetUtcNow().UtcDateTime;
        await _sequence.StopAsync(_run.ControlPlanes, cancellationToken);
        await StepAsync(StepNames.SwapData, SwapDataAsync, cancellationToken);
        if (_run.Nodes.Any(n => n.Journal.Keys.Count > 0))
        {
            await StepAsync(StepNames.SwapKeys, SwapKeysAsync, cancellationToken);
        }

        if (_quiet is not null)
        {
            await _sequence.StartServingAsync(_run.ControlPlanes, OnFirstReadyAsync, cancellationToken);
            return;
        }

        await _sequence.StartAsync(
            _run.ControlPlanes,
            OnFirstReadyAsync,
            () =>
                _run.OnceAsync(
                    Phase,
                    StepNames.ReleaseLeases,
                    ct => LeaderLeases.ReleaseAsync(_run.Session, _run.ControlPlanes, ct),
                    cancellationToken
                ),
            cancellationToken
        );
    }

    /// <summary>Puts back what a serving state still lacks and waits until all apiservers are ready: the end of a cutover that was
    /// interrupted late.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        Serves = true;
        if (_quiet is not null)
        {
            await _quiet.HoldAsync(Phase, cancellationToken);
        }

        await _sequence.StartEtcdAsync(_run.ControlPlanes, cancellationToken);
        await _sequence.StartApiServersAsync(_run.ControlPlanes, cancellationToken);
        await _sequence.WaitForApiServersAsync(_run.ControlPlanes, OnFirstReadyAsync, cancellationToken);
        await StartRestAsync(cancellationToken);
    }

    private Task StartRestAsync(CancellationToken cancellationToken) =>
        _quiet is null ? _sequence.StartRestAsync(_run.ControlPlanes, cancellationToken) : Task.CompletedTask;

    private async Task OnFirstReadyAsync()
    {
        Serves = true;
        _run.ApiReady ??= _run.Context.Time.GetUtcNow().UtcDateTime;
        var untold = await _run.RecordAsync(RestoreState.Converging, _run.Nodes, CancellationToken.None);
        foreach (var (node, why) in untold)
        {
            _run.Context.Sink.Warning($"The new state serves, but node '{node}' could not record it: {why.Message}");
        }
    }

    private Task StepAsync(string name, Func<RestoreNode, string, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        _steps.OnNodesAsync(name, _run.ControlPlanes, (node, ct) => work(_run.Of(node), name, ct), cancellationToken);

    private async Task SwapDataAsync(RestoreNode node, string step, CancellationToken cancellationToken) =>
        await DataSwap.RunAsync(
            await _run.Session.HostAsync(node.Node, cancellationToken),
            node.Journal,
            step,
            RestoreCommands.SwapData,
            cancellationToken
        );

    private async Task SwapKeysAsync(RestoreNode node, string step, CancellationToken cancellationToken) =>
        await DataSwap.KeysAsync(
            await _run.Session.HostAsync(node.Node, cancellationToken),
            node.Journal,
            step,
            RestoreCommands.SwapKeys,
            cancellationToken
        );
}
