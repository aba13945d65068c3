using System.Net;
using System.Text.Json;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>Carries out one prepared restore: stage, cutover with its way back, converge, report.</summary>
internal sealed class RestoreExecution(PreparedRestore prepared, RestoreRun run, string attempt, DateTime started)
{
    private readonly ControlPlaneHealth _health = new(prepared.Session);

    private string ClusterName => prepared.Session.Cluster.Name;

    /// <summary>Whether what was interrupted has to be put back before anything else: a rollback was begun, or not every node has its new data.</summary>
    public bool MustRollBackFirst => prepared.Earlier is { } earlier && (
        earlier.State is RestoreState.RollingBack or RestoreState.Failed ||
        (earlier.State == RestoreState.CuttingOver && prepared.Staged.Count < prepared.Nodes.Count));

    /// <summary>Puts back what an interrupted restore left.</summary>
    public async Task RollBackEarlierAsync(CancellationToken cancellationToken)
    {
        run.Context.Sink.Information($"Restore {prepared.Plan.Id} was interrupted; the previous state of cluster '{ClusterName}' is put back first.");
        await RollBackAsync("Rollback", cancellationToken);
    }

    public async Task<EtcdRestore> RunAsync(CancellationToken cancellationToken)
    {
        if (prepared.Earlier?.State == RestoreState.Converging)
        {
            run.Context.Sink.Information($"Restore {prepared.Plan.Id} was interrupted after the new state began to serve; going on from there.");
        }
        else
        {
            await new Staging(prepared, run, attempt).RunAsync(cancellationToken);
            if (run.Options.StageOnly)
            {
                return await ReportAsync(RestoreState.Staged, $"Verified data of snapshot {prepared.Plan.Snapshot} lies ready on {run.Nodes.Count} nodes; restoring it now only cuts over.", [], null);
            }
        }

        await CutOverAsync(cancellationToken);
        return await ConvergeAsync(cancellationToken);
    }

    private async Task CutOverAsync(CancellationToken cancellationToken)
    {
        var cutover = new Cutover(run, _health);
        try
        {
            if (prepared.Earlier?.State == RestoreState.Converging)
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
        using var cleanUp = RestoreOperation.CleanUpToken();
        var why = cause is EtcdDrException known ? known.Message : Errors.RestoreStopped_ByUser_Part;
        if (cutover.Serves)
        {
            await ReportAsync(RestoreState.Incomplete, why, [], null);
            throw Stopped(Errors.RestoreStopped_Cutover_Part, why, cause);
        }

        if (cause is EtcdDrException { ErrorId: "ClusterLocked" })
        {
            await ReportAsync(RestoreState.Failed, why, [], null);
            throw Stopped(Errors.RestoreStopped_LockTaken_Part, why, cause);
        }

        if (run.Options.NoRollback)
        {
            await run.RecordAsync(RestoreState.Failed, run.Nodes, cleanUp.Token);
            await ReportAsync(RestoreState.Failed, why, [], null);
            throw Stopped(Errors.RestoreStopped_NoRollback_Part, why, cause);
        }

        run.Context.Sink.Warning($"The cutover failed: {why} The previous state is put back.");
        Rollback rollback;
        try
        {
            rollback = await RollBackAsync("Rollback", cleanUp.Token);
        }
        catch (OperationCanceledException)
        {
            await ReportAsync(RestoreState.Failed, why, [], null);
            throw Stopped(Errors.RestoreStopped_RollbackLate_Part, why, cause);
        }
        catch (EtcdDrException e)
        {
            await ReportAsync(RestoreState.Failed, $"{e.Message} Cause of the rollback: {why}", [], null);
            throw new EtcdDrException(e.ErrorId, e.Category, Errors.RollbackIncomplete_AfterCutover.With(e.Message, why), e.RecommendedAction, ClusterName, e);
        }

        await ReportAsync(rollback.Left.Count == 0 ? RestoreState.RolledBack : RestoreState.Failed, why, [], null);
        if (rollback.Left.Count > 0)
        {
            throw Stopped(Errors.RestoreStopped_NotEverywhere_Part.With(string.Join(", ", rollback.Left.Keys)), why, cause);
        }

        throw new EtcdDrException(
            "RestoreRolledBack",
            cause is OperationCanceledException ? EtcdDrErrorCategory.OperationStopped : EtcdDrErrorCategory.InvalidOperation,
            prepared.PreviousClusterId is null ? Errors.RestoreRolledBack_NotJudged.With(ClusterName, why) : Errors.RestoreRolledBack.With(ClusterName, why),
            cause is EtcdDrException remedy ? Errors.RestoreRolledBack_Remedy_Action.With(remedy.RecommendedAction) : Errors.RestoreRolledBack_Action,
            ClusterName,
            cause);
    }

    private async Task<Rollback> RollBackAsync(string phase, CancellationToken cancellationToken)
    {
        var rollback = new Rollback(run, _health, phase, run.Nodes.Count);
        await rollback.RunAsync(prepared.PreviousClusterId is not null, cancellationToken);
        await rollback.TellAsync(RestoreState.RolledBack, cancellationToken);
        if (rollback.Left.Count > 0)
        {
            // The others keep their journals, which tell whoever puts the rest back that these have been: nothing is removed before all are.
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
            RestoreCommands.RemoveStage.With(node.Journal.JournalDirectory, node.Journal.WorkDirectory, node.Journal.WalWorkDirectory ?? string.Empty),
            cancellationToken);
        return $"{freed.Text.Trim()} bytes freed";
    }

    private async Task<EtcdRestore> ConvergeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var host = await run.Session.HostAsync(run.Nodes[0].Node, cancellationToken);
            await using var forward = await ApiServerWay.OpenAsync(host, run.Nodes[0].Facts.Manifests.ApiServer, cancellationToken);
            await using var api = await KubeApi.ConnectAsync(run.Session.Cluster, cancellationToken, new DnsEndPoint("127.0.0.1", forward.Port));
            var converge = new Converge(run, api, prepared.AllNodes);
            var left = await converge.RunAsync(cancellationToken);
            var state = left.Count == 0 ? RestoreState.Completed : RestoreState.Incomplete;
            var message = left.Count == 0
                ? $"Cluster '{ClusterName}' serves the state of snapshot {prepared.Plan.Snapshot}, and everything runs."
                : $"Cluster '{ClusterName}' serves the state of snapshot {prepared.Plan.Snapshot}, but {left.Count} objects were not ready after {run.Options.ConvergeTimeout.TotalSeconds:F0} seconds; NotReady lists them with their reasons.";
            await run.RecordAsync(state, run.Nodes, cancellationToken);
            return await ReportAsync(state, message, left, converge, api);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            var why = e is EtcdDrException known ? known.Message : Errors.RestoreStopped_ByUser_Part;
            await ReportAsync(RestoreState.Incomplete, why, [], null);
            throw Stopped(Errors.RestoreStopped_NotConverged_Part, why, e);
        }
    }

    private EtcdDrException Stopped(string truth, string why, Exception cause) => new(
        "RestoreStopped",
        cause is EtcdDrException known ? known.Category : EtcdDrErrorCategory.OperationStopped,
        Errors.RestoreStopped.With(prepared.Plan.Id, ClusterName, truth, why),
        Errors.RestoreStopped_Action.With(ClusterName, prepared.Plan.Id),
        ClusterName,
        cause);

    private async Task<EtcdRestore> ReportAsync(RestoreState state, string message, IReadOnlyList<RestoreNotReady> left, Converge? converge, KubeApi? api = null)
    {
        using var limit = RestoreOperation.CleanUpToken();

        // A restore that stopped while converging is one that a rerun goes on with; its journal says so, here as on the nodes.
        var stopped = state == RestoreState.Incomplete && converge is null;
        await run.Journal.ChangeAsync(j => j with { State = stopped ? RestoreState.Converging : state }, limit.Token);
        var journal = run.Journal.Current;
        var report = new EtcdRestore
        {
            Id = prepared.Plan.Id,
            Cluster = ClusterName,
            Snapshot = prepared.Plan.Snapshot,
            SnapshotPath = prepared.Snapshot.Snapshot.ToString(),
            SnapshotCreated = prepared.Snapshot.Snapshot.Created,
            DatabaseSha256 = prepared.DatabaseSha256,
            EtcdVersion = prepared.Snapshot.Snapshot.EtcdVersion,
            KubernetesVersion = prepared.Snapshot.Snapshot.KubernetesVersion,
            Tool = ToolName.Current,
            State = state,
            Message = message,
            Started = started,
            Finished = run.Context.Time.GetUtcNow().UtcDateTime,
            ApiStopped = run.ApiStopped,
            ApiReady = run.ApiReady,
            ApiDowntime = run.ApiReady - run.ApiStopped,
            TimeToApi = run.ApiReady - started,
            PreviousClusterId = prepared.PreviousClusterId,
            ClusterId = converge?.ClusterId,
            HashKv = converge?.HashKv,
            Plan = prepared.Plan,
            Steps = journal.Steps.Where(s => s.Phase != "Journal").ToList(),
            Members = converge is null ? [] : await RestoreReport.MembersAsync(run, limit.Token),
            Pods = api is null ? [] : await RestoreReport.PodsAsync(api, limit.Token),
            NotReady = left,
            LogPath = $"{prepared.Snapshot.Store.DisplayName}/{attempt}",
            PreviousData = run.Nodes.ToDictionary(n => n.Name, n => n.Journal.Units[0].Previous, StringComparer.Ordinal),
        };
        await prepared.Snapshot.Store.WriteWholeAsync(
            $"{attempt}/report.json", JsonSerializer.SerializeToUtf8Bytes(report, RestoreJsonContext.Default.EtcdRestore), limit.Token);
        run.Context.Sink.Verbose($"{state}: {message}");
        return report;
    }
}
