using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Whether the previous data is put back with raised revisions. Clients that saw the restored state keep its revisions; if lower ones
/// came back, they would wait for a future that was another past (kubernetes/kubernetes#107457). All members begin alike or none is
/// raised. Pure.
/// </summary>
/// <param name="Raise">Whether it is.</param>
/// <param name="Order">What an earlier run began, which is gone on with; null where nothing was.</param>
/// <param name="WhyNot">Why revisions go back although something was served, in words; null where nothing was, or they are raised.</param>
internal sealed record RaiseDecision(bool Raise, RaiseOrder? Order, string? WhyNot)
{
    private static readonly RaiseDecision NotNeeded = new(false, null, null);

    /// <summary>Decides it.</summary>
    /// <param name="nodes">Where the nodes stand, before anything of the way back was begun.</param>
    /// <param name="order">The order of the journals.</param>
    /// <param name="servedBefore">Whether the previous state served: a majority of its members was healthy.</param>
    /// <param name="lost">Nodes that the restore gave up: the previous state counts them among its members.</param>
    public static RaiseDecision Of(IReadOnlyList<NodeStanding> nodes, RaiseOrder? order, bool servedBefore, IReadOnlyList<string> lost)
    {
        var answer = nodes.Where(n => n.Answers).ToList();
        if (answer.TrueForAll(n => !n.Swapped))
        {
            return NotNeeded;
        }

        if (order is not null)
        {
            return new RaiseDecision(true, order, null);
        }

        // Nothing of the restored state can have been seen.
        if (answer.TrueForAll(n => !n.MayServe))
        {
            return NotNeeded;
        }

        // They serve the previous state again when they come back, whether a majority did before or not.
        if (lost.Count > 0)
        {
            return new RaiseDecision(false, null, $"its members on {string.Join(", ", lost)} cannot be built anew.");
        }

        // Nobody waits for what the previous state goes on with.
        if (!servedBefore)
        {
            return NotNeeded;
        }

        var asItWas = answer.Where(n => !n.Swapped).Select(n => n.Node).ToList();
        return asItWas.Count == 0
            ? new RaiseDecision(true, null, null)
            : new RaiseDecision(false, null, $"{string.Join(", ", asItWas)} has the previous data as it was.");
    }
}
