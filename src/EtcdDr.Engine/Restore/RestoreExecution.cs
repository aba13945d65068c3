using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>Carries out one prepared restore: stage, cutover with its way back, converge, report.</summary>
internal sealed class RestoreExecution(PreparedRestore prepared, RestoreRun run, RestoreShell shell)
{
    private readonly ControlPlaneHealth _health = new(prepared.Session);

    private string ClusterName => prepared.Session.Cluster.Name;

    private QuietNodes Quiet => new(run, prepared.AllNodes);

    private bool Serves => prepared.Action.Kind is RestoreActionKind.Finish or RestoreActionKind.Converge;

    /// <summary>Puts back what an interrupted restore left.</summary>
    /// <exception cref="EtcdDrException"><c>RollbackIncomplete</c>: a node could not be put back; nothing is begun while one is left
    /// behind.</exception>
    public async Task RollBackEarlierAsync(CancellationToken cancellationToken)
    {
        run.Journal.BestEffort();
        run.Context.Sink.Information(
            $"Restore {prepared.Plan.Id} was interrupted; the previous state of cluster '{ClusterName}' is put back first."
        );
        var rollback = await RollBackAsync(raises: true, cancellationToken);
        if (rollback.Left.Count > 0)
        {
            var reasons = string.Join(" ", rollback.Left.Select(l => Errors.RollbackIncomplete_Node_Part.With(l.Key, l.Value)));
            throw new EtcdDrException(
                "RollbackIncomplete",
                EtcdDrErrorCategory.ConnectionError,
                Errors.RollbackIncomplete_LeftBehind.With(ClusterName, string.Join(", ", rollback.Left.Keys), reasons),
                Errors.RollbackIncomplete_Action.With(ClusterName, prepared.Plan.Id),
                ClusterName
            );
        }
    }

    public async Task<EtcdRestore> RunAsync(CancellationToken cancellationToken)
    {
        if (Serves)
        {
            run.Context.Sink.Information(
                $"Restore {prepared.Plan.Id} was interrupted after the new state began to serve; going on from there."
            );
        }
        else
        {
            await new Staging(prepared, run, shell.Attempt).RunAsync(cancellationToken);
            if (run.Options.StageOnly)
            {
                return await ReportAsync(
                    RestoreState.Staged,
                    $"Verified data of snapshot {prepared.Plan.Snapshot} lies ready on {run.Nodes.Count} nodes; restoring it now only "
                        + "cuts over.",
                    null
                );
            }
        }

        run.Journal.BestEffort();
        await CutOverAsync(cancellationToken);
        return await ConvergeAsync(cancellationToken);
    }

    private async Task CutOverAsync(CancellationToken cancellationToken)
    {
        var cutover = new Cutover(run, _health, run.Options.Quiesce ? Quiet : null);
        try
        {
            if (Serves)
            {
                await cutover.FinishAsync(cancellationToken);
            }
            else
            {
                await cutover.RunAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            await FailAsync(cutover, e);
        }
    }

    private async Task FailAsync(Cutover cutover, Exception cause)
    {
        using var cleanUp = RestoreOperation.CleanUpToken(run.Options);
        var why = cause is EtcdDrException known ? known.Message : Errors.RestoreStopped_ByUser_Part;
        if (cutover.Serves)
        {
            await ReportAsync(RestoreState.Incomplete, why, null);
            throw Stopped(Errors.RestoreStopped_Cutover_Part, why, cause);
        }

        if (cause is EtcdDrException { ErrorId: "ClusterLocked" })
        {
            await ReportAsync(RestoreState.Failed, why, null);
            throw Stopped(Errors.RestoreStopped_LockTaken_Part, why, cause);
        }

        if (run.Options.NoRollback)
        {
            await run.RecordAsync(RestoreState.Failed, run.Nodes, cleanUp.Token);
            await ReportAsync(RestoreState.Failed, why, null);
            throw Stopped(Errors.RestoreStopped_NoRollback_Part, why, cause);
        }

        run.Context.Sink.Warning($"The cutover failed: {why} The previous state is put back.");
        Rollback rollback;
        try
        {
            rollback = await RollBackAsync(raises: false, cleanUp.Token);
        }
        catch (OperationCanceledException)
        {
            await ReportAsync(RestoreState.Failed, why, null);
            throw Stopped(Errors.RestoreStopped_RollbackLate_Part, why, cause);
        }
        catch (EtcdDrException e)
        {
            await ReportAsync(RestoreState.Failed, $"{e.Message} Cause of the rollback: {why}", null);
            throw new EtcdDrException(
                e.ErrorId,
                e.Category,
                Errors.RollbackIncomplete_AfterCutover.With(e.Message, why),
                e.RecommendedAction,
                ClusterName,
                e
            );
        }

        await ReportAsync(rollback.Left.Count == 0 ? RestoreState.RolledBack : RestoreState.Failed, why, null);
        if (rollback.Left.Count > 0)
        {
            throw Stopped(Errors.RestoreStopped_NotEverywhere_Part.With(string.Join(", ", rollback.Left.Keys)), why, cause);
        }

        throw new EtcdDrException(
            "RestoreRolledBack",
            cause is OperationCanceledException ? EtcdDrErrorCategory.OperationStopped : EtcdDrErrorCategory.InvalidOperation,
            Truth(rollback, why),
            cause is EtcdDrException remedy
                ? Errors.RestoreRolledBack_Remedy_Action.With(remedy.RecommendedAction)
                : Errors.RestoreRolledBack_Action,
            ClusterName,
            cause
        );
    }

    // Health before is no condition of putting back; what differs from it is said.
    private string Truth(Rollback rollback, string why) =>
        rollback.Worse is { } worse ? Errors.RestoreRolledBack_Worse.With(ClusterName, worse, why)
        : run.Nodes.Any(n => n.MemberWasHealthy) ? Errors.RestoreRolledBack.With(ClusterName, why)
        : Errors.RestoreRolledBack_NotJudged.With(ClusterName, why);

    // A cutover that fails in this run was never seen to serve. One that an earlier run began may have been.
    private async Task<Rollback> RollBackAsync(bool raises, CancellationToken cancellationToken)
    {
        const string phase = "Rollback";
        var rollback = new Rollback(run, _health, phase, run.Nodes.Count, raises);
        await rollback.RunAsync(cancellationToken);
        if (run.Journal.Current.Quiesce)
        {
            await Quiet.ReleaseAsync(phase, cancellationToken);
        }

        await rollback.RecordAsync(RestoreState.RolledBack, cancellationToken);
        if (rollback.Left.Count > 0 || rollback.Raised is not null)
        {
            // With raised revisions the previous data is kept beside what was made of it. The others keep their journals, which tell
            // whoever puts the rest back that these have been: nothing is removed before all are.
            return rollback;
        }

        var failures = await run.TryOnNodesAsync(phase, StepNames.RemoveStage, rollback.Reached, RemoveStageAsync, cancellationToken);
        foreach (var (node, why) in failures)
        {
            run.Context.Sink.Warning($"Node '{node}' was put back, but the staged data there could not be removed: {why.Message}");
        }

        return rollback;
    }

    private async Task<string?> RemoveStageAsync(RestoreNode node, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        var freed = await host.RunAsync(
            RestoreCommands.RemoveStage.With(
                node.Journal.JournalDirectory,
                node.Journal.WorkDirectory,
                node.Journal.WalWorkDirectory ?? string.Empty
            ),
            cancellationToken
        );
        return $"{freed.Text.Trim()} bytes freed";
    }

    private async Task<EtcdRestore> ConvergeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var converged = await Converged.RunAsync(run, prepared.AllNodes, "Converge", cancellationToken);
            var left = converged.NotReady;
            var state =
                run.Options.Quiesce ? RestoreState.Quiesced
                : left.Count == 0 ? RestoreState.Completed
                : RestoreState.Incomplete;
            var message =
                run.Options.Quiesce ? QuietWords(left)
                : left.Count == 0 ? $"Cluster '{ClusterName}' serves the state of snapshot {prepared.Plan.Snapshot}, and everything runs."
                : $"Cluster '{ClusterName}' serves the state of snapshot {prepared.Plan.Snapshot}, but not all is "
                    + $"ready: {left.Count} objects or steps. NotReady lists them with their reasons.";
            message += LostNodes.AfterWords(prepared.Choice.Lost);
            await run.RecordAsync(state, run.Nodes, cancellationToken);
            return await ReportAsync(state, message, converged);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            var why = e is EtcdDrException known ? known.Message : Errors.RestoreStopped_ByUser_Part;
            await ReportAsync(RestoreState.Incomplete, why, null);
            throw Stopped(Errors.RestoreStopped_NotConverged_Part, why, e);
        }
    }

    private string QuietWords(IReadOnlyList<RestoreNotReady> left)
    {
        var workers = prepared.AllNodes.Count(n => n.Role == NodeRole.Worker);
        var said =
            $"Cluster '{ClusterName}' serves the state of snapshot {prepared.Plan.Snapshot} quietly: its controller managers and "
            + "schedulers, "
            + $"the kubelets of {workers} workers and its CronJobs are held. Complete-EtcdRestore {ClusterName} -Id {prepared.Plan.Id} "
            + "releases them; Undo-EtcdRestore puts the previous state back.";
        return left.Count == 0 ? said : $"{said} {left.Count} steps failed; NotReady lists them.";
    }

    private EtcdDrException Stopped(string truth, string why, Exception cause) =>
        new(
            "RestoreStopped",
            cause is EtcdDrException known ? known.Category : EtcdDrErrorCategory.OperationStopped,
            Errors.RestoreStopped.With(prepared.Plan.Id, ClusterName, truth, why),
            Errors.RestoreStopped_Action.With(ClusterName, prepared.Plan.Id),
            ClusterName,
            cause
        );

    private async Task<EtcdRestore> ReportAsync(RestoreState state, string message, Converged? converged)
    {
        using var limit = RestoreOperation.CleanUpToken(run.Options);

        // A restore that stopped while converging is one that a rerun goes on with; its journal says so, here as on the nodes.
        var stopped = state == RestoreState.Incomplete && converged is null;
        await run.Journal.ChangeAsync(j => j with { State = stopped ? RestoreState.Converging : state }, limit.Token);
        var journal = run.Journal.Current;
        var report = new EtcdRestore
        {
            Id = prepared.Plan.Id,
            Cluster = ClusterName,
            Snapshot = prepared.Plan.Snapshot,
            SnapshotPath = prepared.Snapshot.Snapshot.ToString(),
            Lost = prepared.Choice.Lost,
            SnapshotCreated = prepared.Snapshot.Snapshot.Created,
            DatabaseSha256 = prepared.DatabaseSha256,
            EtcdVersion = prepared.Snapshot.Snapshot.EtcdVersion,
            KubernetesVersion = prepared.Snapshot.Snapshot.KubernetesVersion,
            Tool = ToolName.Current,
            State = state,
            Message = message,
            Started = shell.Started,
            Finished = run.Context.Time.GetUtcNow().UtcDateTime,
            ApiStopped = run.ApiStopped,
            ApiReady = run.ApiReady,
            ApiDowntime = run.ApiReady - run.ApiStopped,
            TimeToApi = run.ApiReady - shell.Started,
            PreviousClusterId = prepared.PreviousClusterId,
            ClusterId = converged?.ClusterId,
            HashKv = converged?.HashKv,
            Plan = prepared.Plan,
            Steps = journal.Steps.Where(s => s.Phase != "Journal").ToList(),
            Members = converged is null ? [] : await RestoreReport.MembersAsync(run, limit.Token),
            Pods = converged?.Pods ?? [],
            NotReady = converged?.NotReady ?? [],
            Findings = converged?.Findings ?? [],
            LogPath = shell.LogPath,
            PreviousData = run.Nodes.ToDictionary(n => n.Name, n => n.Journal.Units[0].Previous, StringComparer.Ordinal),
        };
        await shell.ReportAsync(report, limit.Token);
        return report;
    }
}
