using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>The restores of a cluster, as the journals on its control-plane nodes tell them; from any machine with access.</summary>
public sealed class RestoreHistory(OperationContext context, IRemoteHostFactory hosts)
{
    /// <summary>All restores and stages, newest first.</summary>
    public async Task<IReadOnlyList<EtcdRestore>> ListAsync(EtcdCluster cluster, CancellationToken cancellationToken)
    {
        await using var session = new ClusterSession(cluster, context, hosts);
        var found = await RestoreJournals.FindAsync(session, cancellationToken);
        return
        [
            .. found
                .Journals.GroupBy(j => j.Journal.Id, StringComparer.Ordinal)
                .Select(g => Describe(cluster.Name, g.ToList()))
                .OrderByDescending(r => r.Started),
        ];
    }

    /// <summary>The restore that is to be undone.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore; null for the newest that can be undone.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>NothingToUndo</c>, <c>RestoreNotFound</c>, <c>RestoreNotNewest</c>.</exception>
    public async Task<EtcdRestore> FindUndoableAsync(EtcdCluster cluster, string? id, CancellationToken cancellationToken) =>
        ChooseUndoable(cluster, await ListAsync(cluster, cancellationToken), id);

    /// <summary>The restore that is to be accepted or abandoned.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="id">The restore; null for the newest that has not ended.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>NothingToComplete</c>, <c>RestoreNotFound</c>.</exception>
    public async Task<EtcdRestore> FindOpenAsync(EtcdCluster cluster, string? id, CancellationToken cancellationToken) =>
        ChooseOpen(cluster, await ListAsync(cluster, cancellationToken), id);

    internal static EtcdRestore ChooseUndoable(EtcdCluster cluster, IReadOnlyList<EtcdRestore> restores, string? id)
    {
        var undoable = restores.Where(r => IsUndoable(r.State)).ToList();
        if (id is null)
        {
            return undoable.FirstOrDefault()
                ?? throw new EtcdDrException(
                    "NothingToUndo",
                    EtcdDrErrorCategory.ObjectNotFound,
                    Errors.NothingToUndo.With(cluster.Name),
                    Errors.NothingToUndo_Action,
                    cluster.Name
                );
        }

        var chosen = restores.FirstOrDefault(r => r.Id == id) ?? throw NotFound(cluster, id);
        var can = IsUndoable(chosen.State) || chosen.State == RestoreState.Abandoned;
        if (can && undoable.FirstOrDefault() is { } newest && newest.Id != id)
        {
            throw new EtcdDrException(
                "RestoreNotNewest",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.RestoreNotNewest.With(id, cluster.Name, newest.Id),
                Errors.RestoreNotNewest_Action.With(cluster.Name, newest.Id),
                id
            );
        }

        return can
            ? chosen
            : throw new EtcdDrException(
                "NothingToUndo",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.NothingToUndo_State.With(id, cluster.Name, chosen.State),
                Errors.NothingToUndo_Action,
                id
            );
    }

    internal static EtcdRestore ChooseOpen(EtcdCluster cluster, IReadOnlyList<EtcdRestore> restores, string? id)
    {
        var chosen = id is null
            ? restores.FirstOrDefault(r => IsOpen(r.State))
            : restores.FirstOrDefault(r => r.Id == id) ?? throw NotFound(cluster, id);
        return chosen is not null && IsOpen(chosen.State)
            ? chosen
            : throw new EtcdDrException(
                "NothingToComplete",
                EtcdDrErrorCategory.ObjectNotFound,
                chosen is null
                    ? Errors.NothingToComplete.With(cluster.Name)
                    : Errors.NothingToComplete_State.With(chosen.Id, cluster.Name, chosen.State),
                Errors.NothingToComplete_Action,
                cluster.Name
            );
    }

    internal static EtcdDrException NotFound(EtcdCluster cluster, string id) =>
        new(
            "RestoreNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.RestoreNotFound.With(cluster.Name, id),
            Errors.RestoreNotFound_Action,
            id
        );

    /// <summary>A restore as its nodes' journals tell it. What owes an end on any node owes it as a whole.</summary>
    internal static EtcdRestore Describe(string cluster, IReadOnlyList<NodeJournal> journals)
    {
        var journal = journals[0].Journal;
        return RestoreReport.Of(journal, cluster) with
        {
            State = Together([.. journals.Select(j => j.Journal.State)]),
            Message = string.Join(", ", journals.Select(j => $"{j.Node}: {j.Journal.State}")),
            Started = journal.Created,
            PreviousData = journals
                .Select(j => j.Journal.Nodes.FirstOrDefault(n => n.Name == j.Node))
                .Where(n => n is not null)
                .ToDictionary(n => n!.Name, n => n!.Units[0].Previous, StringComparer.Ordinal),
        };
    }

    // The furthest from an end counts; of ends, the one that can be undone.
    private static readonly RestoreState[] Order =
    [
        RestoreState.RollingBack,
        RestoreState.Failed,
        RestoreState.CuttingOver,
        RestoreState.Converging,
        RestoreState.Quiesced,
        RestoreState.Incomplete,
        RestoreState.Completed,
        RestoreState.Staging,
        RestoreState.Staged,
        RestoreState.Abandoned,
        RestoreState.RolledBack,
        RestoreState.Undone,
        RestoreState.Planned,
    ];

    internal static RestoreState Together(IReadOnlyList<RestoreState> states) => states.MinBy(s => Array.IndexOf(Order, s));

    internal static bool IsUndoable(RestoreState state) => state is RestoreState.Completed || IsOpen(state);

    /// <summary>Whether a restore that stands so has no end yet.</summary>
    internal static bool IsOpen(RestoreState state) =>
        state
            is RestoreState.CuttingOver
                or RestoreState.Converging
                or RestoreState.Quiesced
                or RestoreState.RollingBack
                or RestoreState.Failed
                or RestoreState.Incomplete;
}
