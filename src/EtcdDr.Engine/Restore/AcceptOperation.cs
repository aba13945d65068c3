using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>The two ends that a person decides on: what serves of a restore is accepted as it is, or its journal is closed and people go on
/// by hand.</summary>
public sealed class AcceptOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>
    /// Accepts what a majority of the nodes has of a restore: starts what is still held aside there, without waiting for more than is
    /// there, and records the restore as completed. Nodes without the new data are left as they are. What a quiet restore holds is
    /// released, and nodes and workloads are brought in line with the new state, as any other restore would have done.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore.</param>
    /// <param name="options">Limits and locks.</param>
    /// <param name="logs">Directory on this machine for logs and the report.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="EtcdDrException"><c>RestoreNotServing</c>: fewer than a majority of the nodes have the new data.
    /// <c>ClusterLocked</c>.</exception>
    public Task<EtcdRestore> AcceptAsync(
        EtcdCluster cluster,
        string id,
        RestoreOptions options,
        ISnapshotStore logs,
        CancellationToken cancellationToken
    ) =>
        EndAsync(
            cluster,
            id,
            "complete",
            $"accepting restore {id}",
            options,
            logs,
            (shell, run, reached, found, ct) =>
                run.Journal.Current.Quiesce ? ReleaseAsync(shell, run, reached, found.AllNodes, ct) : AcceptAsync(shell, run, reached, ct),
            cancellationToken
        );

    /// <summary>
    /// Closes the journal of a restore on every node that answers and changes nothing else. Manifests that are held aside become what
    /// Stop-EtcdControlPlane would hold, so that Start-EtcdControlPlane, or a new restore, starts them.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore.</param>
    /// <param name="options">Locks.</param>
    /// <param name="logs">Directory on this machine for logs and the report.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>; a node that answered could not record it.</exception>
    public Task<EtcdRestore> AbandonAsync(
        EtcdCluster cluster,
        string id,
        RestoreOptions options,
        ISnapshotStore logs,
        CancellationToken cancellationToken
    ) =>
        EndAsync(
            cluster,
            id,
            "abandon",
            $"abandoning restore {id}",
            options,
            logs,
            (shell, run, reached, _, ct) => AbandonAsync(shell, run, reached, ct),
            cancellationToken
        );

    private async Task<EtcdRestore> EndAsync(
        EtcdCluster cluster,
        string id,
        string kind,
        string purpose,
        RestoreOptions options,
        ISnapshotStore logs,
        Func<RestoreShell, RestoreRun, ReachedNodes, RestoreJournals, CancellationToken, Task<EtcdRestore>> end,
        CancellationToken cancellationToken
    )
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        var journal = found.Journals.FirstOrDefault(j => j.Journal.Id == id)?.Journal ?? throw RestoreHistory.NotFound(cluster, id);
        await using var shell = await RestoreShell.OpenAsync(
            session,
            found.Reached,
            logs,
            kind,
            purpose,
            $"{char.ToUpperInvariant(kind[0])}{kind[1..]} restore {id} of {cluster.Name}",
            options,
            cancellationToken
        );
        return await shell.RunAsync(async () =>
        {
            var reached = await ReachedNodes.ReadAsync(session, journal, found, cancellationToken);
            var run = shell.Run(session, journal with { Steps = [] }, reached.Nodes);
            run.Journal.BestEffort();
            return await end(shell, run, reached, found, cancellationToken);
        });
    }

    private static async Task<EtcdRestore> AcceptAsync(
        RestoreShell shell,
        RestoreRun run,
        ReachedNodes reached,
        CancellationToken cancellationToken
    )
    {
        var standings = await reached.LookAsync(run, cancellationToken);
        var action = Acceptable(run, standings);
        var id = run.Journal.Current.Id;
        var cluster = run.Session.Cluster.Name;
        var made = run.Nodes.Where(n => standings.Any(s => s.Node == n.Name && s.Swapped)).ToList();
        var steps = new TolerantSteps(run, "Complete", (node, why) => $"Node '{node}' could not be completed: {why}", _ => { });
        var worse = action.Kind == RestoreActionKind.Finish ? await StartAsync(run, steps, made, cancellationToken) : null;
        await steps.RecordAsync(
            RestoreState.Abandoned,
            run.Nodes.Where(n => standings.Any(s => s.Node == n.Name && !s.Swapped && s.Unfinished)),
            cancellationToken
        );
        await steps.RecordAsync(RestoreState.Completed, made, cancellationToken);

        var without = standings.Where(s => !s.Swapped || steps.Left.ContainsKey(s.Node)).Select(s => s.Node).ToList();
        var said =
            $"What cluster '{cluster}' serves of restore {id} is accepted on "
            + $"{string.Join(", ", steps.StillReached(made).Select(n => n.Name))}.";
        said += without.Count == 0 ? string.Empty : $" {string.Join(", ", without)} do not have the new state and are left as they are.";
        said += worse is null ? string.Empty : $" Not all of it is ready: {worse}";
        return await ReportAsync(shell, run, RestoreState.Completed, said, cancellationToken);
    }

    private static RestoreAction Acceptable(RestoreRun run, IReadOnlyList<NodeStanding> standings)
    {
        var action = RestoreDecision.Next(RestoreIntent.Accept, standings);
        var (id, cluster) = (run.Journal.Current.Id, run.Session.Cluster.Name);
        return action.Kind != RestoreActionKind.Refuse
            ? action
            : throw new EtcdDrException(
                "RestoreNotServing",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreNotServing.With(id, cluster, string.Join(", ", standings.Select(s => $"{s.Node}: {s.Position}"))),
                Errors.RestoreNotServing_Action.With(cluster, id),
                cluster
            );
    }

    // Controllers and schedulers first: what kubelets report next is to be seen by somebody. What cannot be released, or is not ready in
    // time, leaves the restore open, so that running it again goes on.
    private static async Task<EtcdRestore> ReleaseAsync(
        RestoreShell shell,
        RestoreRun run,
        ReachedNodes reached,
        IReadOnlyList<ClusterNode> all,
        CancellationToken cancellationToken
    )
    {
        const string Phase = "Complete";
        var standings = await reached.LookAsync(run, cancellationToken);
        Acceptable(run, standings);
        var made = run.Nodes.Where(n => standings.Any(s => s.Node == n.Name && s.Swapped)).ToList();
        var steps = new TolerantSteps(run, Phase, (node, why) => $"Node '{node}' could not be completed: {why}", _ => { });
        if (made.All(n => standings.Any(s => s.Node == n.Name && s.Held)))
        {
            await run.OnceAsync(
                Phase,
                StepNames.ReleaseLeases,
                ct => LeaderLeases.ReleaseAsync(run.Session, [.. made.Select(n => n.ControlPlane)], ct),
                cancellationToken
            );
        }

        var worse = await StartAsync(run, steps, made, cancellationToken);
        var held = await new QuietNodes(run, all).ReleaseAsync(Phase, cancellationToken);
        var serving = steps.StillReached(made);
        var converged = await Converged.RunAsync(run.Only(serving), all, Phase, cancellationToken);
        IReadOnlyList<RestoreNotReady> left =
        [
            .. held.Select(h => new RestoreNotReady("Node", null, h.Key, $"its kubelet is still held: {h.Value.Message}")),
            .. converged.NotReady,
        ];
        var state = left.Count == 0 && worse is null ? RestoreState.Completed : RestoreState.Incomplete;
        await steps.RecordAsync(state, made, cancellationToken);
        var cluster = run.Session.Cluster.Name;
        var said =
            $"What restore {run.Journal.Current.Id} held of cluster '{cluster}' is released: controllers, schedulers, kubelets and "
            + "CronJobs "
            + "act on the new state.";
        var behind = standings.Where(s => !s.Swapped || steps.Left.ContainsKey(s.Node)).Select(s => s.Node).ToList();
        said += behind.Count == 0 ? string.Empty : $" {string.Join(", ", behind)} do not have the new state and are left as they are.";
        said += worse is null ? string.Empty : $" Not all of it is ready: {worse}";
        said += left.Count == 0 ? string.Empty : $" {left.Count} objects are not ready; NotReady lists them.";
        return await ReportAsync(shell, run, state, said, cancellationToken, converged with { NotReady = left });
    }

    // What is accepted may be broken: all is started, and what is not ready by then is told.
    private static async Task<string?> StartAsync(
        RestoreRun run,
        TolerantSteps steps,
        IReadOnlyList<RestoreNode> made,
        CancellationToken cancellationToken
    )
    {
        var sequence = new ControlPlaneSequence(
            run.Session,
            steps,
            new ControlPlaneHealth(run.Session),
            run.Options.StepTimeout,
            run.Options.Force
        );
        await sequence.StartEtcdAsync(Left(), cancellationToken);
        await sequence.StartApiServersAsync(Left(), cancellationToken);
        await sequence.StartRestAsync(Left(), cancellationToken);
        try
        {
            await sequence.WaitForApiServersAsync(Left(), () => Task.CompletedTask, cancellationToken);
            return null;
        }
        catch (EtcdDrException e) when (e.ErrorId is "EtcdNotHealthy" or "ApiServerNotReady")
        {
            run.Context.Sink.Warning(e.Message);
            return e.Message;
        }

        IReadOnlyList<ControlPlaneNode> Left() => [.. steps.StillReached(made).Select(n => n.ControlPlane)];
    }

    private static async Task<EtcdRestore> AbandonAsync(
        RestoreShell shell,
        RestoreRun run,
        ReachedNodes reached,
        CancellationToken cancellationToken
    )
    {
        var standings = await reached.LookAsync(run, cancellationToken);
        var action = RestoreDecision.Next(RestoreIntent.Abandon, standings);
        var open = run.Nodes.Where(n => action.Nodes.Contains(n.Name)).ToList();
        await run.OnNodesAsync(
            "Abandon",
            StepNames.Abandon,
            open,
            async (node, ct) =>
            {
                var host = await run.Session.HostAsync(node.Node, ct);
                var stopped = HeldManifests.StopDirectory(node.Journal.ManifestDirectory);
                await host.RunAsync(RestoreCommands.Abandon.With(node.Journal.JournalDirectory, stopped), ct);
                return null;
            },
            CancellationToken.None
        );

        var said =
            $"Restore {run.Journal.Current.Id} of cluster '{run.Session.Cluster.Name}' is abandoned: nothing was started, stopped or "
            + "swapped. "
            + string.Join(" ", standings.Select(s => Describe(s, run.Nodes.FirstOrDefault(n => n.Name == s.Node))));
        if (run.Journal.Current.Quiesce)
        {
            said +=
                " Kubelets of workers that it holds stay held: run 'systemctl enable --now kubelet' there and remove "
                + $"{QuiesceCommands.Directory}/quiesced; CronJobs with the annotation {QuietCronJobs.HeldBy} stay suspended.";
        }

        return await ReportAsync(shell, run, RestoreState.Abandoned, said, cancellationToken);
    }

    private static string Describe(NodeStanding standing, RestoreNode? node)
    {
        if (node is null || !standing.Answers)
        {
            return $"{standing.Node} did not answer; its journal stays as it is.";
        }

        var data = standing.Swapped ? $"has the new data, the previous is in {node.Journal.Units[0].Previous}" : "has the previous data";
        var held = standing.Held ? "; its control plane is stopped, and Start-EtcdControlPlane starts it" : string.Empty;
        return $"{standing.Node} {data}{held}.";
    }

    private static async Task<EtcdRestore> ReportAsync(
        RestoreShell shell,
        RestoreRun run,
        RestoreState state,
        string said,
        CancellationToken cancellationToken,
        Converged? converged = null
    )
    {
        await run.Journal.ChangeAsync(j => j with { State = state }, cancellationToken);
        var journal = run.Journal.Current;
        var report = RestoreReport.Of(journal, run.Session.Cluster.Name) with
        {
            Tool = ToolName.Current,
            State = state,
            Message = said,
            Started = shell.Started,
            Finished = run.Context.Time.GetUtcNow().UtcDateTime,
            ClusterId = converged?.ClusterId,
            HashKv = converged?.HashKv,
            Pods = converged?.Pods ?? [],
            NotReady = converged?.NotReady ?? [],
            Findings = converged?.Findings ?? [],
            Steps = journal.Steps.Where(s => s.Phase != "Journal").ToList(),
            Members = await RestoreReport.MembersAsync(run, cancellationToken),
            LogPath = shell.LogPath,
            PreviousData = run.Nodes.ToDictionary(n => n.Name, n => n.Journal.Units[0].Previous, StringComparer.Ordinal),
        };
        await shell.ReportAsync(report, cancellationToken);
        return report;
    }
}
