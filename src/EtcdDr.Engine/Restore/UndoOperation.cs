using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Puts back the state before a restore, from any machine with access: all that it needs stands in the journals on the nodes. Works for a
/// restore that was interrupted, one that failed, and one that ended days ago, as long as the previous data is kept.
/// </summary>
public sealed class UndoOperation(OperationContext context, IRemoteHostFactory hosts)
{
    private const string Phase = "Undo";

    /// <summary>Undoes a restore.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore.</param>
    /// <param name="options">Limits, locks and what is recycled.</param>
    /// <param name="logs">Directory on this machine for logs and the report.</param>
    /// <param name="cancellationToken">Stops between steps; running it again ends it.</param>
    /// <exception cref="EtcdDrException"><c>RollbackIncomplete</c> (too few nodes answered), <c>MembersAdded</c> (etcd has got members that
    /// would go on with the restored state), <c>ClusterLocked</c>, and the errors of steps.</exception>
    public async Task<EtcdRestore> RunAsync(
        EtcdCluster cluster,
        string id,
        RestoreOptions options,
        ISnapshotStore logs,
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
            "undo",
            $"undoing restore {id}",
            $"Undo restore {id} of {cluster.Name}",
            options,
            cancellationToken
        );
        return await shell.RunAsync(async () =>
        {
            var reached = await ReachedNodes.ReadAsync(session, journal, found, cancellationToken);
            var run = shell.Run(session, journal with { Steps = [] }, reached.Nodes);
            run.Journal.BestEffort();
            await AddedMembers.RefuseAsync(run, await reached.LookAsync(run, cancellationToken), cancellationToken);
            return await PutBackAsync(shell, run, journal, reached, Expected(found, journal), cancellationToken);
        });
    }

    // A node that was given up is brought in line too where it is back.
    private static IReadOnlyList<ClusterNode> Expected(RestoreJournals found, RestoreJournal journal) =>
        [.. found.AllNodes.Where(n => !journal.Lost.Contains(n.Name) || found.Reached.Any(r => r.Name == n.Name))];

    private static async Task<EtcdRestore> PutBackAsync(
        RestoreShell shell,
        RestoreRun run,
        RestoreJournal journal,
        ReachedNodes reached,
        IReadOnlyList<ClusterNode> all,
        CancellationToken cancellationToken
    )
    {
        var rollback = new Rollback(run, new ControlPlane.ControlPlaneHealth(run.Session), Phase, journal.Nodes.Count, raises: true);
        foreach (var (node, why) in reached.Away)
        {
            rollback.LeaveOut(node, why);
        }

        run.ApiStopped = run.Context.Time.GetUtcNow().UtcDateTime;
        await rollback.RunAsync(cancellationToken);
        if (journal.Quiesce)
        {
            await new QuietNodes(run, all).ReleaseAsync(Phase, cancellationToken);
        }

        // From here on the nodes have what they had. What is brought in line with it comes after, and a failure there stops no control
        // plane again.
        await rollback.RecordAsync(RestoreState.Undone, cancellationToken);
        var converged = run.ApiReady is null
            ? Converged.Nothing
            : await Converged.RunAsync(run.Only(rollback.Reached), all, Phase, cancellationToken);
        var report = RestoreReport.Of(journal, run.Session.Cluster.Name) with
        {
            Tool = ToolName.Current,
            State = rollback.Left.Count == 0 && converged.NotReady.Count == 0 ? RestoreState.Undone : RestoreState.Incomplete,
            Message = Message(run.Session.Cluster.Name, journal, rollback, converged.NotReady),
            Started = shell.Started,
            Finished = run.Context.Time.GetUtcNow().UtcDateTime,
            ApiStopped = run.ApiStopped,
            ApiReady = run.ApiReady,
            ApiDowntime = run.ApiReady - run.ApiStopped,
            TimeToApi = run.ApiReady - shell.Started,
            ClusterId = converged.ClusterId,
            HashKv = converged.HashKv,
            Steps = run.Journal.Current.Steps.Where(s => s.Phase != "Journal").ToList(),
            Members = await RestoreReport.MembersAsync(run, cancellationToken),
            Pods = converged.Pods,
            NotReady = converged.NotReady,
            Findings = converged.Findings,
            LogPath = shell.LogPath,
            PreviousData = run.Nodes.ToDictionary(n => n.Name, n => n.Journal.Units[0].Staged, StringComparer.Ordinal),
        };
        await shell.ReportAsync(report, cancellationToken);
        return report;
    }

    private static string Message(string cluster, RestoreJournal journal, Rollback rollback, IReadOnlyList<RestoreNotReady> left)
    {
        var said =
            $"Data, keys and manifests of cluster '{cluster}' are as they were before restore {journal.Id}."
            + LostNodes.UndoWords(journal.Lost);
        if (rollback.Left.Count > 0)
        {
            said += $" {string.Join(", ", rollback.Left.Keys)} could not be put back; run Undo-EtcdRestore again when they are there.";
        }

        if (rollback.Raised is { } raised)
        {
            said +=
                $" Revisions were raised above {raised.To}, and the data was built anew for it; the previous data itself is kept as well.";
        }

        if (rollback.Worse is { } worse)
        {
            said += $" Not all serves that served then: {worse}";
        }

        return left.Count > 0 ? $"{said} {left.Count} objects are not ready; NotReady lists them." : said;
    }
}
