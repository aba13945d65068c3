using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

/// <summary>
/// What comes next, asked of every combination of positions of three and of five nodes. Each action's effect is played on the nodes, and
/// asked again until nothing is left: it must end, and end whole.
/// </summary>
public sealed class RestoreDecisionTests
{
    private static readonly NodeStanding[] Kinds =
    [
        NodeStanding.Away(""),
        new() { Node = "" },
        new()
        {
            Node = "",
            Staged = true,
            Recorded = RestoreState.Staged,
        },
        new()
        {
            Node = "",
            Staged = true,
            Recorded = RestoreState.CuttingOver,
        },
        new()
        {
            Node = "",
            Staged = true,
            Held = true,
            EtcdHeld = true,
            Recorded = RestoreState.CuttingOver,
        },
        new()
        {
            Node = "",
            Swapped = true,
            Held = true,
            EtcdHeld = true,
            Recorded = RestoreState.CuttingOver,
        },
        new()
        {
            Node = "",
            Swapped = true,
            Held = true,
            Recorded = RestoreState.CuttingOver,
        },
        new()
        {
            Node = "",
            Swapped = true,
            Recorded = RestoreState.Converging,
        },
        new()
        {
            Node = "",
            Swapped = true,
            Held = true,
            EtcdHeld = true,
            Recorded = RestoreState.RollingBack,
        },
        new() { Node = "", Recorded = RestoreState.RolledBack },
        NodeStanding.GivenUp(""),
        new()
        {
            Node = "",
            Swapped = true,
            Held = true,
            Recorded = RestoreState.Quiesced,
        },
    ];

    private static readonly RestoreIntent[] Intents = Enum.GetValues<RestoreIntent>();

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_combination_of_positions_comes_to_an_end_that_is_whole(int nodes)
    {
        var wrong = new List<string>();
        foreach (var begin in Combinations(nodes))
        {
            foreach (var intent in Intents)
            {
                if (Play(intent, begin) is { } why)
                {
                    wrong.Add($"{intent} of {Words(begin)}: {why}");
                }
            }
        }

        Assert.Empty(wrong.Take(10));
    }

    [Fact]
    public void Members_that_are_built_anew_get_a_token_of_their_own_and_what_lies_ready_keeps_its_own()
    {
        static RestoreAction Action(RestoreActionKind kind) => new(kind, []);

        Assert.All(
            Enum.GetValues<RestoreActionKind>().Where(k => k != RestoreActionKind.Stage),
            k => Assert.Equal("of-before", RestoreDecision.Token(Action(k), "of-before"))
        );
        string[] anew =
        [
            RestoreDecision.Token(Action(RestoreActionKind.Stage), "of-before"),
            RestoreDecision.Token(Action(RestoreActionKind.Stage), "of-before"),
            RestoreDecision.Token(Action(RestoreActionKind.CutOver), null),
        ];
        Assert.Equal(3, anew.Append("of-before").Distinct().Count() - 1);
    }

    [Fact]
    public void Before_the_first_swap_putting_back_is_releasing_the_manifests()
    {
        var nodes = Named(Kinds[4], Kinds[4], Kinds[3]);

        var action = RestoreDecision.Next(RestoreIntent.RollBack, nodes);

        Assert.Equal(RestoreActionKind.Release, action.Kind);
        Assert.Equal(["cp1", "cp2", "cp3"], action.Nodes);
    }

    [Fact]
    public void One_swapped_node_is_put_back_and_the_held_ones_beside_it_wait_for_it() =>
        Assert.Equal(RestoreActionKind.PutBack, RestoreDecision.Next(RestoreIntent.Undo, Named(Kinds[4], Kinds[5], Kinds[4])).Kind);

    [Fact]
    public void A_rerun_ends_a_rollback_that_was_begun_before_it_begins_anew()
    {
        var action = RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[9], Kinds[8], Kinds[9]));

        Assert.Equal(RestoreActionKind.PutBack, action.Kind);
        Assert.Equal(["cp2"], action.Nodes);
    }

    [Fact]
    public void A_rerun_goes_on_where_all_have_the_new_data_or_have_it_ready() =>
        Assert.Equal(RestoreActionKind.CutOver, RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[3], Kinds[5], Kinds[6])).Kind);

    [Fact]
    public void What_serves_is_not_given_up_for_a_node_that_lost_its_part()
    {
        var action = RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[7], Kinds[1], Kinds[7]));

        Assert.Equal(RestoreActionKind.Refuse, action.Kind);
        Assert.Equal(["cp2"], action.Nodes);
        Assert.Equal(RestoreActionKind.Record, RestoreDecision.Next(RestoreIntent.Accept, Named(Kinds[7], Kinds[1], Kinds[7])).Kind);
    }

    [Fact]
    public void A_minority_with_the_new_data_cannot_be_accepted_but_can_be_abandoned()
    {
        var nodes = Named(Kinds[5], Kinds[4], Kinds[0]);

        Assert.Equal(RestoreActionKind.Refuse, RestoreDecision.Next(RestoreIntent.Accept, nodes).Kind);
        Assert.Equal(new[] { "cp1", "cp2" }, RestoreDecision.Next(RestoreIntent.Abandon, nodes).Nodes);
    }

    [Fact]
    public void A_restore_without_a_node_that_died_in_the_cutover_puts_back_what_was_begun_and_builds_anew()
    {
        var nodes = Named(Kinds[5], Kinds[4], NodeStanding.GivenUp(""));

        Assert.Equal(RestoreActionKind.PutBack, RestoreDecision.Next(RestoreIntent.Restore, nodes).Kind);
        Assert.Equal(RestoreActionKind.Stage, RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[9], Kinds[9], nodes[2])).Kind);
        Assert.Equal(RestoreActionKind.Stage, RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[2], Kinds[2], nodes[2])).Kind);
    }

    [Fact]
    public void What_serves_on_some_is_not_restored_again_without_the_others()
    {
        var action = RestoreDecision.Next(RestoreIntent.Restore, Named(Kinds[7], Kinds[7], NodeStanding.GivenUp("")));

        Assert.Equal(RestoreActionKind.Refuse, action.Kind);
        Assert.Equal(["cp3"], action.Nodes);
    }

    [Fact]
    public void What_is_quiet_serves_and_owes_an_end()
    {
        var quiet = Named(Kinds[^1], Kinds[^1], Kinds[^1]);

        Assert.All(quiet, n => Assert.True(n.Unfinished));
        Assert.Equal(RestoreActionKind.Finish, RestoreDecision.Next(RestoreIntent.Accept, quiet).Kind);
        Assert.Equal(RestoreActionKind.PutBack, RestoreDecision.Next(RestoreIntent.Undo, quiet).Kind);
        Assert.Equal(RestoreActionKind.Record, RestoreDecision.Next(RestoreIntent.Abandon, quiet).Kind);
        Assert.Equal(RestoreActionKind.Refuse, RestoreDecision.Next(RestoreIntent.Stage, quiet).Kind);
    }

    [Theory]
    [InlineData("", nameof(NodePosition.Untouched))]
    [InlineData("state Staged\nstaged\n", nameof(NodePosition.Staged))]
    [InlineData("state CuttingOver\nstaged\nheld all\n", nameof(NodePosition.Held))]
    [InlineData("state CuttingOver\nswapped\nheld all\nheld etcd\n", nameof(NodePosition.Swapped))]
    [InlineData("state CuttingOver\nswapped\nheld all\n", nameof(NodePosition.Started))]
    [InlineData("state Converging\nswapped\n", nameof(NodePosition.Serving))]
    [InlineData("state Quiesced\nswapped\nheld all\n", nameof(NodePosition.Serving))]
    [InlineData("state RolledBack\n", nameof(NodePosition.PutBack))]
    [InlineData("state RollingBack\nswapped\n", nameof(NodePosition.Started))]
    public void A_position_follows_from_what_the_node_says(string said, string position) =>
        Assert.Equal(position, NodeStanding.Parse("cp1", said).Position.ToString());

    // Gives what is wrong; null where it ended whole.
    private static string? Play(RestoreIntent intent, IReadOnlyList<NodeStanding> begin)
    {
        var nodes = begin;
        for (var step = 0; step < 6; step++)
        {
            var action = RestoreDecision.Next(intent, nodes);
            if (action.Kind is RestoreActionKind.Nothing or RestoreActionKind.Refuse)
            {
                return Judge(intent, action, nodes);
            }

            if (action.Nodes.Count == 0 || action.Nodes.Any(name => !nodes.First(n => n.Node == name).Answers))
            {
                return $"{action.Kind} on nodes that are away or on none";
            }

            if (Forbidden(intent, action, nodes) is { } why)
            {
                return why;
            }

            // A build is for those that are there: from then on nobody else is part of it.
            if (action.Kind == RestoreActionKind.Stage)
            {
                nodes = [.. nodes.Where(n => !n.Lost)];
            }

            nodes = [.. nodes.Select(n => action.Nodes.Contains(n.Node) ? After(intent, action.Kind, n) : n)];
        }

        return $"no end: {Words(nodes)}";
    }

    private static string? Forbidden(RestoreIntent intent, RestoreAction action, IReadOnlyList<NodeStanding> nodes) =>
        action.Kind switch
        {
            RestoreActionKind.CutOver
            or RestoreActionKind.Finish
            or RestoreActionKind.Converge when intent == RestoreIntent.Restore && nodes.Any(n => n.Lost) =>
                "what was built with a node that is given up would serve",
            RestoreActionKind.Release when nodes.Any(n => n.Answers && n.Swapped) => "old data would start beside new",
            RestoreActionKind.CutOver when nodes.Any(n => !n.Swapped && !n.Staged) => "a node without new data would be cut over",
            RestoreActionKind.Stage when nodes.Any(n => n.Swapped || n.Held || n.Unfinished && !n.Staged) =>
                "something begun would be staged over",
            RestoreActionKind.Converge when nodes.Any(n => n.Position != NodePosition.Serving) => "not all serve",
            _ => null,
        };

    private static NodeStanding After(RestoreIntent intent, RestoreActionKind kind, NodeStanding node) =>
        kind switch
        {
            RestoreActionKind.Stage => node with { Staged = true, Recorded = RestoreState.Staged },
            RestoreActionKind.CutOver or RestoreActionKind.Finish => node with
            {
                Staged = false,
                Swapped = true,
                Held = false,
                EtcdHeld = false,
                Recorded = RestoreState.Converging,
            },
            RestoreActionKind.Converge => node with { Recorded = RestoreState.Completed },
            RestoreActionKind.PutBack or RestoreActionKind.Release => new NodeStanding
            {
                Node = node.Node,
                Recorded = RestoreState.RolledBack,
            },
            _ => intent switch
            {
                RestoreIntent.Accept => node with { Recorded = node.Swapped ? RestoreState.Completed : RestoreState.Abandoned },
                RestoreIntent.Abandon => node with { Recorded = RestoreState.Abandoned },
                _ => node with { Recorded = RestoreState.RolledBack, Staged = false },
            },
        };

    private static string? Judge(RestoreIntent intent, RestoreAction action, IReadOnlyList<NodeStanding> nodes)
    {
        var reached = nodes.Where(n => n.Answers).ToList();
        if (action.Kind == RestoreActionKind.Refuse)
        {
            var may = intent switch
            {
                RestoreIntent.Restore => nodes.Any(n => n is { Answers: false, Lost: false })
                    || nodes.All(n => n.Lost)
                    || reached.Any(n => n.Position == NodePosition.Serving) && nodes.Any(n => n.Lost)
                    || reached.Any(n => n.Position == NodePosition.Serving) && reached.Any(n => !n.Swapped),
                RestoreIntent.Stage => true,
                RestoreIntent.Accept => reached.Count(n => n.Swapped) <= nodes.Count / 2,
                RestoreIntent.Abandon => false,
                _ => reached.Count <= nodes.Count / 2,
            };
            return may ? null : "refused";
        }

        return intent switch
        {
            RestoreIntent.Restore => nodes.All(n => n.Position == NodePosition.Serving && n.Ended) ? null : $"not restored: {Words(nodes)}",
            RestoreIntent.Stage => nodes.All(n => n.Position == NodePosition.Staged) ? null : "not staged",
            RestoreIntent.Accept => reached.Where(n => n.Swapped).All(n => n is { Held: false, Recorded: RestoreState.Completed })
                ? null
                : "not accepted",
            RestoreIntent.Abandon => reached.Exists(n => n.Unfinished) ? "not abandoned" : null,
            _ => reached.Exists(n => n.Swapped || n.Held || n.Unfinished) ? $"not put back: {Words(nodes)}" : null,
        };
    }

    // Which node stands where makes no difference to a decision, so each combination is asked once.
    private static IEnumerable<IReadOnlyList<NodeStanding>> Combinations(int count, int from = 0, params NodeStanding[] chosen) =>
        chosen.Length == count
            ? [Named(chosen)]
            : Enumerable.Range(from, Kinds.Length - from).SelectMany(kind => Combinations(count, kind, [.. chosen, Kinds[kind]]));

    private static IReadOnlyList<NodeStanding> Named(params NodeStanding[] kinds) =>
        [.. kinds.Select((k, i) => k with { Node = $"cp{i + 1}" })];

    private static string Words(IReadOnlyList<NodeStanding> nodes) => string.Join(", ", nodes.Select(n => $"{n.Position} ({n.Recorded})"));
}
