using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Restores a snapshot into a cluster: a transaction over all its control-plane nodes. <see cref="PrepareAsync"/> reads and plans,
/// <see cref="ExecuteAsync(PreparedRestore, RestoreOptions, CancellationToken)"/> carries out: stage, cutover, converge, report. Whatever
/// fails, the cluster ends whole in the old state or whole in the new one, or its journals let a rerun or Undo end it so.
/// </summary>
public sealed class RestoreOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Reads the snapshot and the nodes and makes the plan; changes nothing.</summary>
    /// <exception cref="EtcdDrException">The snapshot is damaged, a node does not answer, another restore was interrupted, and the
    /// like.</exception>
    public Task<PreparedRestore> PrepareAsync(
        EtcdSnapshot snapshot,
        EtcdCluster cluster,
        RestoreOptions options,
        CancellationToken cancellationToken
    ) => new RestorePreparation(snapshot, cluster, options, context, hosts).RunAsync(cancellationToken);

    /// <summary>Carries out a plan.</summary>
    /// <returns>The report. Its state tells how it ended; a rollback that succeeded is an error, with the report as its target.</returns>
    /// <exception cref="EtcdDrException">
    /// <c>RestoreRefused</c> (the preflight found what forbids it), <c>LostNodesNotNamed</c>, <c>ClusterLocked</c>,
    /// <c>RestoreRolledBack</c>, <c>RestoreStopped</c> and the errors of steps.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped; what was begun was put back or is journalled.</exception>
    public async Task<EtcdRestore> ExecuteAsync(PreparedRestore prepared, RestoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(options);
        Refuse(prepared.Plan);
        RefuseUnlessNamed(prepared, options);
        var name = prepared.Snapshot.Snapshot.Name;
        var cluster = prepared.Session.Cluster.Name;
        await using var shell = await RestoreShell.OpenAsync(
            prepared.Session,
            prepared.Nodes.Select(n => n.Node),
            prepared.Snapshot.Store,
            "restore",
            $"restore of {name}",
            $"Restore {name} into {cluster}",
            options,
            cancellationToken
        );
        return await shell.RunAsync(() => ExecuteAsync(shell, prepared, options, cancellationToken));
    }

    private async Task<EtcdRestore> ExecuteAsync(
        RestoreShell shell,
        PreparedRestore prepared,
        RestoreOptions options,
        CancellationToken cancellationToken
    )
    {
        shell.Note(
            $"Restore {prepared.Plan.Id} of {prepared.Snapshot.Snapshot} into cluster "
                + $"'{prepared.Session.Cluster.Name}'{(prepared.Resumes ? ", going on with one that was interrupted" : string.Empty)}."
        );
        if (prepared.Action.Kind is not (RestoreActionKind.PutBack or RestoreActionKind.Release or RestoreActionKind.Record))
        {
            return await Execution(shell, prepared, prepared.Nodes, options).RunAsync(cancellationToken);
        }

        // After what was interrupted has been put back, nodes are read again and the restore begins from its start, under the same lock and
        // into the same logs. A node that takes part only now has nothing to be put back.
        var begun = prepared.Nodes.Where(n => prepared.Earlier is not { } earlier || earlier.Nodes.Any(e => e.Name == n.Name)).ToList();
        await Execution(shell, prepared, begun, options).RollBackEarlierAsync(cancellationToken);
        await using var anew = await PrepareAsync(
            prepared.Snapshot.Snapshot,
            prepared.Session.Cluster,
            prepared.Choice.Lost.Count == 0 ? options : options with { Survivors = prepared.Choice.Survivors, Lost = prepared.Choice.Lost },
            cancellationToken
        );
        Refuse(anew.Plan);
        return await Execution(shell, anew, anew.Nodes, options).RunAsync(cancellationToken);
    }

    private static RestoreExecution Execution(
        RestoreShell shell,
        PreparedRestore prepared,
        IReadOnlyList<RestoreNode> nodes,
        RestoreOptions options
    ) => new(prepared, shell.Run(prepared.Session, NewJournal(prepared, shell.Started, options), nodes), shell);

    /// <summary>
    /// How long putting back may take after a failure or Ctrl-C: its waits (two for containers, two for health) by the operator's own
    /// limit, and the time for the rest.
    /// </summary>
    public static TimeSpan CleanUpLimit(TimeSpan stepTimeout) => TimeSpan.FromMinutes(5) + (5 * stepTimeout);

    internal static CancellationTokenSource CleanUpToken(RestoreOptions options) => new(CleanUpLimit(options.StepTimeout));

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
            Errors.RestoreRefused_Action.With(
                string.Join(" ", blocking.Select(f => f.Remedy).Distinct()),
                string.Join(",", blocking.Select(f => f.Check).Distinct())
            ),
            plan.Cluster
        );
    }

    // Nodes that could serve the previous state by themselves are given up by name only, never by what is left over.
    private static void RefuseUnlessNamed(PreparedRestore prepared, RestoreOptions options)
    {
        var lost = prepared.Choice.Lost;
        if (prepared.LostMustBeNamed && !lost.ToHashSet(StringComparer.Ordinal).SetEquals(options.Lost))
        {
            throw new EtcdDrException(
                "LostNodesNotNamed",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.LostNodesNotNamed.With(prepared.Session.Cluster.Name, LostNodes.Danger(lost)),
                Errors.LostNodesNotNamed_Action.With(string.Join(",", lost)),
                prepared.Session.Cluster.Name
            );
        }
    }

    private static RestoreJournal NewJournal(PreparedRestore prepared, DateTime started, RestoreOptions options) =>
        new()
        {
            Id = prepared.Plan.Id,
            Cluster = prepared.Session.Cluster.Name,
            Snapshot = prepared.Snapshot.Snapshot.Name,
            SnapshotPath = prepared.Snapshot.Snapshot.ToString(),
            SnapshotCreated = prepared.Snapshot.Snapshot.Created,
            DatabaseSha256 = prepared.DatabaseSha256,
            DbSize = prepared.Snapshot.DatabaseLength,
            Token = prepared.Token,
            Created = started,
            CreatedBy = $"{Environment.UserName}@{Environment.MachineName}",
            PreviousClusterId = prepared.PreviousClusterId,
            RaisedTo = prepared.RaisedTo,
            Quiesce = options.Quiesce,
            Nodes = prepared.Nodes.Select(n => n.Journal).ToList(),
            Lost = prepared.Choice.Lost,
            State = RestoreState.Staging,
        };
}
