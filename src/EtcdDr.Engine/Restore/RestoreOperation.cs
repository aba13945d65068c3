using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Restores a snapshot into a cluster: a transaction over all its control-plane nodes. <see cref="PrepareAsync"/> reads and plans, <see cref="ExecuteAsync"/> carries out:
/// stage, cutover, converge, report. Whatever fails, the cluster ends whole in the old state or whole in the new one, or its journals let a rerun or Undo end it so.
/// </summary>
public sealed class RestoreOperation(OperationContext context, IRemoteHostFactory hosts)
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromMinutes(10);

    /// <summary>Reads the snapshot and the nodes and makes the plan; changes nothing.</summary>
    /// <exception cref="EtcdDrException">The snapshot is damaged, a node does not answer, another restore was interrupted, and the like.</exception>
    public Task<PreparedRestore> PrepareAsync(EtcdSnapshot snapshot, EtcdCluster cluster, RestoreOptions options, CancellationToken cancellationToken) =>
        new RestorePreparation(snapshot, cluster, options, context, hosts).RunAsync(cancellationToken);

    /// <summary>Carries out a plan.</summary>
    /// <returns>The report. Its state tells how it ended; a rollback that succeeded is an error, with the report as its target.</returns>
    /// <exception cref="EtcdDrException">
    /// <c>RestoreRefused</c> (the preflight found what forbids it), <c>ClusterLocked</c>, <c>RestoreRolledBack</c>, <c>RestoreStopped</c> and the errors of steps.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped; what was begun was put back or is journalled.</exception>
    public async Task<EtcdRestore> ExecuteAsync(PreparedRestore prepared, RestoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        Refuse(prepared.Plan);
        var cluster = prepared.Session.Cluster;
        var purpose = $"restore of {prepared.Snapshot.Snapshot.Name}";
        await using var held = await ClusterLock.TakeAsync(
            prepared.Session, prepared.Nodes.Select(n => n.Node), LockMode.Exclusive, purpose, options.BreakLock, cancellationToken);

        var started = context.Time.GetUtcNow().UtcDateTime;
        var attempt = $"restore_attempted_{started:yyyy-MM-dd_HH-mm-ss}";
        await prepared.Snapshot.Store.CreateDirectoryAsync(attempt, cancellationToken);
        await using var log = new RestoreLog(prepared.Snapshot.Store, attempt, context);
        var logged = new OperationContext(new LoggingSink(context.Sink, log), context.ThrottleLimit, context.Time);
        var earlierLog = context.CommandLog;
        context.CommandLog = record =>
        {
            log.Add(record);
            earlierLog?.Invoke(record);
        };
        try
        {
            log.Add("INFO", $"Restore {prepared.Plan.Id} of {prepared.Snapshot.Snapshot} into cluster '{cluster.Name}'{(prepared.Resumes ? ", going on with one that was interrupted" : string.Empty)}.");
            using var journal = new RestoreJournalFile(prepared.Snapshot.Store, $"{attempt}/journal.json", NewJournal(prepared, started));
            var run = new RestoreRun(prepared.Session, logged, journal, prepared.Nodes, options, $"Restore {prepared.Snapshot.Snapshot.Name} into {cluster.Name}") { Lock = held };
            var execution = new RestoreExecution(prepared, run, attempt, started);
            if (!execution.MustRollBackFirst)
            {
                return await execution.RunAsync(cancellationToken);
            }

            await execution.RollBackEarlierAsync(cancellationToken);
            return await AnewAsync(prepared, held, logged, options, attempt, started, cancellationToken);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            log.Add("ERROR", e is EtcdDrException known ? $"{known.ErrorId}: {known.Message} {known.RecommendedAction}" : "The operation was stopped.");
            throw;
        }
        finally
        {
            context.CommandLog = earlierLog;
            context.Sink.Progress(new ProgressUpdate($"Restore {prepared.Snapshot.Snapshot.Name} into {cluster.Name}", null, "Done") { Completed = true });
        }
    }

    // After what was interrupted has been put back, nodes are read again and the restore begins from its start, under the same lock and into the same logs.
    private async Task<EtcdRestore> AnewAsync(
        PreparedRestore earlier,
        ClusterLock held,
        OperationContext logged,
        RestoreOptions options,
        string attempt,
        DateTime started,
        CancellationToken cancellationToken)
    {
        await using var prepared = await PrepareAsync(earlier.Snapshot.Snapshot, earlier.Session.Cluster, options, cancellationToken);
        Refuse(prepared.Plan);
        using var journal = new RestoreJournalFile(prepared.Snapshot.Store, $"{attempt}/journal.json", NewJournal(prepared, started));
        var run = new RestoreRun(prepared.Session, logged, journal, prepared.Nodes, options, $"Restore {prepared.Snapshot.Snapshot.Name} into {prepared.Session.Cluster.Name}") { Lock = held };
        return await new RestoreExecution(prepared, run, attempt, started).RunAsync(cancellationToken);
    }

    internal static CancellationTokenSource CleanUpToken() => new(CleanUpLimit);

    private static void Refuse(RestorePlan plan)
    {
        var blocking = plan.Findings.Where(f => f.Blocks).ToList();
        if (blocking.Count == 0)
        {
            return;
        }

        throw new EtcdDrException(
            "RestoreRefused",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.RestoreRefused.With(plan.Snapshot, plan.Cluster, string.Join(" ", blocking.Select(f => $"[{f.Check}] {f.Message}"))),
            Errors.RestoreRefused_Action.With(string.Join(" ", blocking.Select(f => f.Remedy).Distinct()), string.Join(",", blocking.Select(f => f.Check).Distinct())),
            plan.Cluster);
    }

    private static RestoreJournal NewJournal(PreparedRestore prepared, DateTime started) => new()
    {
        Id = prepared.Plan.Id,
        Cluster = prepared.Session.Cluster.Name,
        Snapshot = prepared.Snapshot.Snapshot.Name,
        SnapshotPath = prepared.Snapshot.Snapshot.ToString(),
        DatabaseSha256 = prepared.DatabaseSha256,
        DbSize = prepared.Snapshot.DatabaseLength,
        Token = prepared.Token,
        Created = started,
        CreatedBy = $"{Environment.UserName}@{Environment.MachineName}",
        PreviousClusterId = prepared.PreviousClusterId,
        Nodes = prepared.Nodes.Select(n => n.Journal).ToList(),
        State = RestoreState.Staging,
    };
}
