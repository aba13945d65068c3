using At = EtcdDr.Engine.Restore.NodePosition;
using Do = EtcdDr.Engine.Restore.RestoreActionKind;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Says what comes next, from where every node stands and from what is wanted. Pure. Restores, reruns, rollbacks, Undo, accepting and
/// abandoning ask it, and may ask again after each action: from every combination of positions it comes to
/// <see cref="RestoreActionKind.Nothing"/> or <see cref="RestoreActionKind.Refuse"/> in a few steps.
/// </summary>
internal static class RestoreDecision
{
    /// <summary>The next action.</summary>
    /// <param name="intent">What is wanted.</param>
    /// <param name="nodes">Every control-plane node of the restore, also those that do not answer.</param>
    public static RestoreAction Next(RestoreIntent intent, IReadOnlyList<NodeStanding> nodes) =>
        intent switch
        {
            RestoreIntent.Restore => Restore(nodes),
            RestoreIntent.Stage => Stage(nodes),
            RestoreIntent.RollBack or RestoreIntent.Undo => PutBack(nodes),
            RestoreIntent.Accept => Accept(nodes),
            _ => Abandon(nodes),
        };

    /// <summary>Whether so many members can decide without the others.</summary>
    public static bool IsMajority(int some, int all) => some > all / 2;

    /// <summary>The token of the members that the action leads to. One for one build on all nodes: members that were built at different
    /// times must not take each other for their own.</summary>
    /// <param name="action">What comes next.</param>
    /// <param name="standing">The token of what was built before; null where nothing was.</param>
    public static string Token(RestoreAction action, string? standing) =>
        action.Kind != Do.Stage && standing is not null ? standing : Guid.NewGuid().ToString();

    private static RestoreAction Restore(IReadOnlyList<NodeStanding> all)
    {
        var nodes = all.Where(n => !n.Lost).ToList();
        return nodes.Count < all.Count ? WithoutLost(nodes, all) : RestoreOn(nodes);
    }

    // New data that was built for an etcd with the lost nodes cannot serve without them for long: what was begun is put back where it was
    // begun, and built anew for those that are there. What serves already is for people to end.
    private static RestoreAction WithoutLost(IReadOnlyList<NodeStanding> nodes, IReadOnlyList<NodeStanding> all)
    {
        if (nodes.Any(n => n.Position is At.Away or At.Serving))
        {
            return nodes.Any(n => n.Position == At.Away)
                ? On(Do.Refuse, nodes, n => n.Position == At.Away)
                : On(Do.Refuse, all, n => n.Lost);
        }

        var back = PutBack(nodes);
        return back.Kind == Do.Nothing ? On(Do.Stage, nodes) : back;
    }

    private static RestoreAction RestoreOn(IReadOnlyList<NodeStanding> nodes)
    {
        if (nodes.Any(n => n.Position == At.Away))
        {
            return On(Do.Refuse, nodes, n => n.Position == At.Away);
        }

        // What was begun to be put back is put back everywhere first: old and new must never serve together.
        if (nodes.Any(n => n.GoesBack || n.Position == At.PutBack))
        {
            var back = PutBack(nodes);
            return back.Kind == Do.Nothing ? On(Do.Stage, nodes) : back;
        }

        if (nodes.Any(n => n.Position == At.Serving))
        {
            return Serve(nodes);
        }

        if (nodes.All(n => n.Swapped || n.Staged))
        {
            return On(Do.CutOver, nodes);
        }

        return nodes.Any(n => n.Swapped || n.Held) ? PutBack(nodes) : On(Do.Stage, nodes);
    }

    // Once it serves, a node without the new data is for people to decide about: accept what serves, or undo.
    private static RestoreAction Serve(IReadOnlyList<NodeStanding> nodes)
    {
        var behind = nodes.Where(n => !n.Swapped).ToList();
        return behind.Count > 0 ? On(Do.Refuse, behind)
            : nodes.All(n => n.Ended) ? On(Do.Nothing, nodes)
            : nodes.Any(n => n.Held || n.Position != At.Serving) ? On(Do.Finish, nodes)
            : On(Do.Converge, nodes);
    }

    private static RestoreAction Stage(IReadOnlyList<NodeStanding> all)
    {
        var nodes = all.Where(n => !n.Lost).ToList();
        var inTheWay = nodes.Where(n => n.Unfinished || n.Position is not (At.Untouched or At.Staged or At.PutBack)).ToList();
        return nodes.Count == 0 ? On(Do.Refuse, all)
            : inTheWay.Count > 0 ? On(Do.Refuse, inTheWay)
            : nodes.Count == all.Count && nodes.All(n => n.Position == At.Staged) ? On(Do.Nothing, nodes)
            : On(Do.Stage, nodes);
    }

    private static RestoreAction PutBack(IReadOnlyList<NodeStanding> nodes)
    {
        var reached = nodes.Where(n => n.Answers).ToList();
        if (!IsMajority(reached.Count, nodes.Count))
        {
            return On(Do.Refuse, nodes, n => !n.Answers);
        }

        var left = reached.Where(n => n.Unfinished || n.Swapped || n.Held).ToList();
        return left.Count == 0 ? On(Do.Nothing, reached)
            : left.Any(n => n.Swapped) ? On(Do.PutBack, left)
            : left.Any(n => n.Held) ? On(Do.Release, left)
            : On(Do.Record, left);
    }

    private static RestoreAction Accept(IReadOnlyList<NodeStanding> nodes)
    {
        var made = nodes.Where(n => n.Answers && n.Swapped).ToList();
        if (!IsMajority(made.Count, nodes.Count))
        {
            return On(Do.Refuse, nodes, n => !n.Answers || !n.Swapped);
        }

        return made.Any(n => n.Held) ? On(Do.Finish, made)
            : nodes.All(n => !n.Answers || n.Recorded == RestoreState.Completed || (!n.Swapped && !n.Unfinished)) ? On(Do.Nothing, made)
            : On(Do.Record, nodes, n => n.Answers && (n.Swapped || n.Unfinished));
    }

    private static RestoreAction Abandon(IReadOnlyList<NodeStanding> nodes)
    {
        var open = nodes.Where(n => n.Answers && n.Unfinished).ToList();
        return On(open.Count == 0 ? Do.Nothing : Do.Record, open);
    }

    private static RestoreAction On(Do kind, IEnumerable<NodeStanding> nodes, Func<NodeStanding, bool>? which = null) =>
        new(kind, [.. nodes.Where(n => which?.Invoke(n) ?? true).Select(n => n.Node)]);
}
