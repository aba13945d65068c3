using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Puts back the state before a restore, from any machine with access: all that it needs stands in the journals on the nodes. Works for a restore that was interrupted, one that
/// failed, and one that ended days ago, as long as the previous data is kept.
/// </summary>
public sealed class UndoOperation(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>Restores whose journals lie on the nodes of a cluster, newest first.</summary>
    public async Task<IReadOnlyList<EtcdRestore>> ListAsync(EtcdCluster cluster, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        return found.Journals
            .GroupBy(j => j.Journal.Id, StringComparer.Ordinal)
            .Select(g => Describe(cluster, g.ToList()))
            .OrderByDescending(r => r.Started)
            .ToList();
    }

    /// <summary>What undoing would do: the restore as its journals describe it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore; null for the newest that can be undone.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>NothingToUndo</c>, <c>RestoreNotFound</c>, <c>RestoreNotNewest</c>.</exception>
    public async Task<EtcdRestore> FindAsync(EtcdCluster cluster, string? id, CancellationToken cancellationToken) => Choose(cluster, await ListAsync(cluster, cancellationToken), id);

    /// <summary>Undoes a restore.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore.</param>
    /// <param name="options">Limits, locks and what is recycled.</param>
    /// <param name="logs">Directory on this machine for logs and the report; null for none.</param>
    /// <param name="cancellationToken">Stops between steps; running it again ends it.</param>
    /// <exception cref="EtcdDrException"><c>RollbackIncomplete</c> (too few nodes answered), <c>ClusterLocked</c>, and the errors of steps.</exception>
    public async Task<EtcdRestore> RunAsync(EtcdCluster cluster, string id, RestoreOptions options, ISnapshotStore logs, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        var journal = found.Journals.FirstOrDefault(j => j.Journal.Id == id)?.Journal ?? throw NotFound(cluster, id);
        await using var held = await ClusterLock.TakeAsync(session, found.Reached, LockMode.Exclusive, $"undoing restore {id}", options.BreakLock, cancellationToken);

        var started = context.Time.GetUtcNow().UtcDateTime;
        var attempt = $"undo_attempted_{started:yyyy-MM-dd_HH-mm-ss}";
        await logs.CreateDirectoryAsync(attempt, cancellationToken);
        await using var log = new RestoreLog(logs, attempt, context);
        var earlierLog = context.CommandLog;
        context.CommandLog = record =>
        {
            log.Add(record);
            earlierLog?.Invoke(record);
        };
        try
        {
            using var file = new RestoreJournalFile(logs, $"{attempt}/journal.json", journal with { Steps = [] });
            var nodes = await PrepareAsync(session, journal, found, cancellationToken);
            var logged = new OperationContext(new LoggingSink(context.Sink, log), context.ThrottleLimit, context.Time);
            var run = new RestoreRun(session, logged, file, nodes, options, $"Undo restore {id} of {cluster.Name}");
            return await PutBackAsync(run, journal, found.AllNodes, logs, attempt, started, cancellationToken);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            log.Add("ERROR", e is EtcdDrException known ? $"{known.ErrorId}: {known.Message} {known.RecommendedAction}" : "The operation was stopped.");
            throw;
        }
        finally
        {
            context.CommandLog = earlierLog;
            context.Sink.Progress(new ProgressUpdate($"Undo restore {id} of {cluster.Name}", null, "Done") { Completed = true });
        }
    }

    /// <summary>Frees what a finished restore keeps on the nodes, or only measures it.</summary>
    /// <returns>Bytes by node.</returns>
    /// <exception cref="EtcdDrException"><c>RestoreNotFound</c>, <c>RestoreUnfinished</c>.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RemoveBackupAsync(EtcdCluster cluster, string id, bool measureOnly, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        var journals = found.Journals.Where(j => j.Journal.Id == id).ToList();
        if (journals.Count == 0)
        {
            throw NotFound(cluster, id);
        }

        if (journals.Find(j => j.Journal.Unfinished) is { } unfinished)
        {
            throw new EtcdDrException(
                "RestoreUnfinished",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreUnfinished.With(id, cluster.Name, unfinished.Node, unfinished.Journal.State),
                Errors.RestoreUnfinished_Action,
                id);
        }

        await using var held = measureOnly
            ? null
            : await ClusterLock.TakeAsync(session, found.Reached, LockMode.Exclusive, $"removing what restore {id} keeps", false, cancellationToken);
        var freed = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(journals, cancellationToken, async (journal, ct) =>
        {
            var node = found.Reached.First(n => n.Name == journal.Node);
            var layout = journal.Journal.Nodes.First(n => n.Name == journal.Node);
            var host = await session.HostAsync(node, ct);
            var result = await host.RunAsync(
                RestoreCommands.RemoveBackup.With(journal.Directory, layout.WorkDirectory, layout.WalWorkDirectory ?? string.Empty, measureOnly ? "measure" : "remove"),
                ct);
            freed[journal.Node] = long.Parse(result.Text.Trim());
        });
        return freed;
    }

    internal static EtcdRestore Choose(EtcdCluster cluster, IReadOnlyList<EtcdRestore> restores, string? id)
    {
        var undoable = restores.Where(r => Undoable(r.State)).ToList();
        if (id is null)
        {
            return undoable.FirstOrDefault() ?? throw new EtcdDrException(
                "NothingToUndo",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.NothingToUndo.With(cluster.Name),
                Errors.NothingToUndo_Action,
                cluster.Name);
        }

        var chosen = restores.FirstOrDefault(r => r.Id == id) ?? throw NotFound(cluster, id);
        if (undoable.FirstOrDefault() is { } newest && newest.Id != id && undoable.Contains(chosen))
        {
            throw new EtcdDrException(
                "RestoreNotNewest",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreNotNewest.With(id, cluster.Name, newest.Id),
                Errors.RestoreNotNewest_Action.With(cluster.Name, newest.Id),
                id);
        }

        return undoable.Contains(chosen) ? chosen : throw new EtcdDrException(
            "NothingToUndo",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.NothingToUndo_State.With(id, cluster.Name, chosen.State),
            Errors.NothingToUndo_Action,
            id);
    }

    private static bool Undoable(RestoreState state) =>
        state is not (RestoreState.Planned or RestoreState.Staging or RestoreState.Staged or RestoreState.Undone or RestoreState.RolledBack);

    private static EtcdDrException NotFound(EtcdCluster cluster, string id) => new(
        "RestoreNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        Errors.RestoreNotFound.With(cluster.Name, id),
        Errors.RestoreNotFound_Action,
        id);

    private static async Task<IReadOnlyList<RestoreNode>> PrepareAsync(
        ClusterSession session,
        RestoreJournal journal,
        RestoreJournals found,
        CancellationToken cancellationToken)
    {
        var reached = journal.Nodes
            .Select(layout => (Layout: layout, Node: found.Reached.FirstOrDefault(n => n.Name == layout.Name)))
            .Where(pair => pair.Node is not null);
        return await Task.WhenAll(reached.Select(async pair =>
            new RestoreNode(pair.Node!, pair.Layout, await RestoreFactsReader.ReadAsync(session, pair.Node!, cancellationToken))));
    }

    private static EtcdRestore Describe(EtcdCluster cluster, IReadOnlyList<NodeJournal> journals)
    {
        var journal = journals[0].Journal;
        var states = journals.Select(j => j.Journal.State).Distinct().ToList();
        var undoable = states.Where(Undoable).ToList();
        return new EtcdRestore
        {
            Id = journal.Id,
            Cluster = cluster.Name,
            Snapshot = journal.Snapshot,
            SnapshotPath = journal.SnapshotPath,
            State = undoable.Count > 0 ? undoable[0] : states.Contains(RestoreState.Staging) ? RestoreState.Staging : states[0],
            Message = string.Join(", ", journals.Select(j => $"{j.Node}: {j.Journal.State}")),
            Started = journal.Created,
            PreviousClusterId = journal.PreviousClusterId,
            PreviousData = journals
                .Select(j => j.Journal.Nodes.FirstOrDefault(n => n.Name == j.Node))
                .Where(n => n is not null)
                .ToDictionary(n => n!.Name, n => n!.Units[0].Previous, StringComparer.Ordinal),
        };
    }

    private static async Task<EtcdRestore> PutBackAsync(
        RestoreRun run,
        RestoreJournal journal,
        IReadOnlyList<ClusterNode> all,
        ISnapshotStore logs,
        string attempt,
        DateTime started,
        CancellationToken cancellationToken)
    {
        var health = new ControlPlaneHealth(run.Session);
        var rollback = new Rollback(run, health, "Undo", journal.Nodes.Count);
        foreach (var absent in journal.Nodes.Where(n => run.Nodes.All(r => r.Name != n.Name)))
        {
            rollback.LeaveOut(absent.Name, Errors.RollbackIncomplete_Absent_Part);
        }

        run.ApiStopped = run.Context.Time.GetUtcNow().UtcDateTime;
        await rollback.RunAsync(journal.PreviousClusterId is not null, cancellationToken);
        var reachedRun = run.Only(rollback.Reached);
        IReadOnlyList<RestoreNotReady> left = [];
        Converge? converge = null;
        IReadOnlyList<RestorePod> pods = [];
        if (journal.PreviousClusterId is not null)
        {
            var first = rollback.Reached[0];
            var host = await run.Session.HostAsync(first.Node, cancellationToken);
            await using var forward = await ApiServerWay.OpenAsync(host, first.Facts.Manifests.ApiServer, cancellationToken);
            await using var api = await KubeApi.ConnectAsync(run.Session.Cluster, cancellationToken, new DnsEndPoint("127.0.0.1", forward.Port));
            converge = new Converge(reachedRun, api, all, "Undo");
            left = await converge.RunAsync(cancellationToken);
            pods = await RestoreReport.PodsAsync(api, cancellationToken);
        }

        await rollback.TellAsync(RestoreState.Undone, cancellationToken);
        var state = rollback.Left.Count == 0 && left.Count == 0 ? RestoreState.Undone : RestoreState.Incomplete;
        var report = new EtcdRestore
        {
            Id = journal.Id,
            Cluster = run.Session.Cluster.Name,
            Snapshot = journal.Snapshot,
            SnapshotPath = journal.SnapshotPath,
            DatabaseSha256 = journal.DatabaseSha256,
            Tool = ToolName.Current,
            State = state,
            Message = Message(run.Session.Cluster.Name, journal, rollback, left),
            Started = started,
            Finished = run.Context.Time.GetUtcNow().UtcDateTime,
            ApiStopped = run.ApiStopped,
            ApiReady = run.ApiReady,
            ApiDowntime = run.ApiReady - run.ApiStopped,
            TimeToApi = run.ApiReady - started,
            PreviousClusterId = journal.PreviousClusterId,
            ClusterId = converge?.ClusterId,
            HashKv = converge?.HashKv,
            Steps = run.Journal.Current.Steps.Where(s => s.Phase != "Journal").ToList(),
            Members = await RestoreReport.MembersAsync(run, cancellationToken),
            Pods = pods,
            NotReady = left,
            LogPath = $"{logs.DisplayName}/{attempt}",
            PreviousData = run.Nodes.ToDictionary(n => n.Name, n => n.Journal.Units[0].Staged, StringComparer.Ordinal),
        };
        await logs.WriteWholeAsync($"{attempt}/report.json", JsonSerializer.SerializeToUtf8Bytes(report, RestoreJsonContext.Default.EtcdRestore), cancellationToken);
        return report;
    }

    private static string Message(string cluster, RestoreJournal journal, Rollback rollback, IReadOnlyList<RestoreNotReady> left)
    {
        var said = $"Cluster '{cluster}' is back in its state before restore {journal.Id}.";
        if (rollback.Left.Count > 0)
        {
            said += $" {string.Join(", ", rollback.Left.Keys)} could not be put back; run Undo-EtcdRestore again when they are there.";
        }

        return left.Count > 0 ? $"{said} {left.Count} objects are not ready; NotReady lists them." : said;
    }
}
