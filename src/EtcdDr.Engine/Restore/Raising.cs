using System.Collections.Concurrent;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Snapshots.Verification;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Builds the previous data anew on every node, with revisions above all that was served, beside the data that serves: one copy of the
/// newest previous database, proven here, goes to all. The previous data is not touched by it. All of this is done while the API is up.
/// </summary>
/// <param name="run">The nodes that answer.</param>
/// <param name="phase">Name of the phase in journals and reports.</param>
internal sealed class Raising(RestoreRun run, string phase)
{
    private const string NotRaised = "RevisionsNotRaised";

    private RestoreJournal Journal => run.Journal.Current;

    /// <summary>Says that revisions go back, and what to do about it.</summary>
    public void Warn(string why) => run.Context.Sink.Warning(Warning(why));

    /// <summary>Prepares it on nodes that have the previous data aside, and writes it into their journals.</summary>
    /// <returns>Null, with a warning, where it cannot be done: then the previous data goes back as it is.</returns>
    public async Task<RaiseOrder?> PrepareAsync(IReadOnlyList<RestoreNode> nodes, CancellationToken cancellationToken)
    {
        RaiseOrder order;
        try
        {
            order = await BeginAsync(nodes, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            run.Context.Sink.Warning(e.ErrorId == NotRaised ? $"{e.Message} {e.RecommendedAction}" : Warning(e.Message));
            await DropAsync(nodes, cancellationToken);
            return null;
        }

        await run.Journal.ChangeAsync(j => j with { Raise = order, RaisedTo = order.To }, cancellationToken);
        var untold = await run.TryOnNodesAsync(phase, StepNames.Journal, nodes, WriteJournalAsync, cancellationToken);
        if (untold.Count == 0)
        {
            return order;
        }

        // A node that does not know of it would go back as it is, later, beside the others.
        Warn(RestoreRun.StepFailed(StepNames.Journal, untold).Message);
        await run.Journal.ChangeAsync(j => j with { Raise = null }, cancellationToken);
        await run.TryOnNodesAsync(
            phase,
            StepNames.Journal,
            nodes.Where(n => !untold.ContainsKey(n.Name)),
            WriteJournalAsync,
            cancellationToken
        );
        return null;
    }

    /// <summary>The same for nodes that come late: they get what the others have.</summary>
    /// <returns>Nodes on which it failed, with the reasons.</returns>
    public async Task<IReadOnlyDictionary<string, EtcdDrException>> GoOnAsync(
        RaiseOrder order,
        IReadOnlyList<RestoreNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var late = new ConcurrentBag<RestoreNode>();
        var failures = new Dictionary<string, EtcdDrException>(
            await run.TryOnNodesAsync(phase, StepNames.Look, nodes, LookAsync, cancellationToken),
            StringComparer.Ordinal
        );
        if (late.IsEmpty)
        {
            return failures;
        }

        try
        {
            await using var file = LocalDatabase.CreateNameless();
            var copy = await CopyAsync(order.Source, file, cancellationToken);
            if (copy.Sha256 != order.Sha256)
            {
                throw NotAlike(Errors.PreviousDataNotAlike_Other_Part.With(order.Source));
            }

            await BuildAsync(order, [.. late], file, copy, cancellationToken);
            foreach (var (node, why) in await run.TryOnNodesAsync(phase, StepNames.Journal, late, WriteJournalAsync, cancellationToken))
            {
                failures[node] = why;
            }
        }
        catch (EtcdDrException e)
        {
            foreach (var node in late)
            {
                failures[node.Name] = e;
            }
        }

        return failures;

        async Task<string?> LookAsync(RestoreNode node, CancellationToken ct)
        {
            var host = await run.Session.HostAsync(node.Node, ct);
            if (await MemberDatabase.ReadAsync(host, MemberDatabase.PathIn($"{node.Journal.RaisedDirectory}/staged"), ct) is null)
            {
                late.Add(node);
            }

            return null;
        }
    }

    /// <summary>Removes what was built and not used, and the copies of the tool.</summary>
    public async Task DropAsync(IReadOnlyList<RestoreNode> nodes, CancellationToken cancellationToken)
    {
        var failures = await run.TryOnNodesAsync(
            phase,
            StepNames.DropRaised,
            nodes,
            async (node, ct) =>
            {
                var host = await run.Session.HostAsync(node.Node, ct);
                var walDirectory = node.Journal.WalRaisedDirectory ?? string.Empty;
                await host.RunAsync(RestoreCommands.DropRaised.With(node.Journal.RaisedDirectory, walDirectory), ct);
                return null;
            },
            cancellationToken
        );
        foreach (var (node, why) in failures)
        {
            run.Context.Sink.Warning(
                $"Working files on node '{node}' could not be removed: {why.Message} Remove-EtcdRestoreBackup does it."
            );
        }
    }

    private async Task<RaiseOrder> BeginAsync(IReadOnlyList<RestoreNode> nodes, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, MemberDatabase>(StringComparer.Ordinal);
        await run.OnNodesAsync(
            phase,
            StepNames.Look,
            nodes,
            async (node, ct) =>
            {
                var host = await run.Session.HostAsync(node.Node, ct);
                if (await MemberDatabase.ReadAsync(host, node.Journal.PreviousDatabase, ct) is { } database)
                {
                    found[node.Name] = database;
                }

                return null;
            },
            cancellationToken
        );
        var newest = found.Where(f => f.Value.Tail is not null).OrderByDescending(f => f.Value.Tail!.Revision).ThenBy(f => f.Key).ToList();
        if (newest.Count == 0)
        {
            throw Cannot(Errors.RevisionsNotRaised_NoDatabase_Part);
        }

        await using var file = LocalDatabase.CreateNameless();
        var copy = await CopyAsync(newest[0].Key, file, cancellationToken);
        var served = RevisionBump
            .Served([], [Journal with { State = RestoreState.Completed }])
            .Concat(nodes.Select(n => n.Facts.Database?.Tail?.Revision).OfType<long>());
        var by = RevisionBump.By(copy.Summary.Revision, served);
        var order = new RaiseOrder(newest[0].Key, copy.Sha256, Guid.NewGuid().ToString(), by, copy.Summary.Revision + by);
        await BuildAsync(order, nodes, file, copy, cancellationToken);
        return order;
    }

    private async Task<MemberDatabaseCopy> CopyAsync(string source, FileStream file, CancellationToken cancellationToken)
    {
        var node = run.Nodes.FirstOrDefault(n => n.Name == source) ?? throw NotAlike(Errors.PreviousDataNotAlike_Away_Part.With(source));
        var host = await run.Session.HostAsync(node.Node, cancellationToken);

        // Where it was put back already it is kept there all the same.
        return await MemberDatabaseCopy.TakeAsync(host, node.Journal.PreviousDatabase, file, cancellationToken);
    }

    private async Task BuildAsync(
        RaiseOrder order,
        IReadOnlyList<RestoreNode> nodes,
        FileStream file,
        MemberDatabaseCopy copy,
        CancellationToken cancellationToken
    )
    {
        var tools = RestoreTools.Choose([.. run.Nodes.Select(n => n.Facts)]);
        if (!tools.Raise || nodes.Any(n => tools.Of(n.Name) is null))
        {
            throw Cannot(Errors.RevisionsNotRaised_NoTool_Part);
        }

        if (nodes.FirstOrDefault(n => n.Facts.FreeBytes < RestorePlanner.NeededBytes(copy.Length)) is { } full)
        {
            throw Cannot(
                Errors.RevisionsNotRaised_NoSpace_Part.With(
                    full.Name,
                    HumanText.Size(full.Facts.FreeBytes),
                    HumanText.Size(RestorePlanner.NeededBytes(copy.Length))
                )
            );
        }

        await run.OnNodesAsync(phase, StepNames.ShipPrevious, nodes, (node, ct) => ShipAsync(node, file, copy, ct), cancellationToken);
        var delivery = new ToolDelivery(run, tools);
        var build = new MemberBuild(Journal.Nodes, order.Token, order.By);
        await run.OnNodesAsync(
            phase,
            StepNames.BuildPrevious,
            nodes,
            async (node, ct) =>
            {
                var tool = await delivery.GetAsync(node, node.Journal.RaisedDirectory, ct);
                var host = await run.Session.HostAsync(node.Node, ct);
                return await build.RunAsync(
                    host,
                    node,
                    tool,
                    StepNames.BuildPrevious,
                    node.Journal.RaisedDirectory,
                    node.Journal.WalRaisedDirectory,
                    ct
                );
            },
            cancellationToken
        );
    }

    private async Task<string?> ShipAsync(RestoreNode node, FileStream file, MemberDatabaseCopy copy, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        await using var content = new PageSourceStream(FileSource.Of(copy.Summary.Path, file));
        var result = await host.WriteAsync(
            RestoreCommands.ReceiveDatabase.With(
                node.Journal.JournalDirectory,
                StepNames.ShipPrevious,
                node.Journal.RaisedDirectory,
                copy.Sha256,
                "plain"
            ),
            content,
            cancellationToken
        );
        return result.ExitStatus == 0 ? HumanText.Size(copy.Length) : throw DatabaseShipping.Damaged(node.Name, result);
    }

    private Task<string?> WriteJournalAsync(RestoreNode node, CancellationToken cancellationToken) =>
        run.WriteJournalAsync(node, RestoreState.RollingBack, cancellationToken);

    private EtcdDrException Cannot(string why) =>
        new(
            "RevisionsNotRaised",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.RevisionsNotRaised.With(run.Session.Cluster.Name, why),
            Errors.RevisionsNotRaised_Action,
            run.Session.Cluster.Name
        );

    private EtcdDrException NotAlike(string why) =>
        new(
            "PreviousDataNotAlike",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.PreviousDataNotAlike.With(run.Session.Cluster.Name, why),
            Errors.PreviousDataNotAlike_Action,
            run.Session.Cluster.Name
        );

    private string Warning(string why)
    {
        var cannot = Cannot(why);
        return $"{cannot.Message} {cannot.RecommendedAction}";
    }
}
