namespace EtcdDr.Lab.Faults;

/// <summary>A fault at a step of a restore, on one node.</summary>
/// <param name="Step">The step's name in the journal.</param>
/// <param name="Kind">What strikes.</param>
/// <param name="Node">The control-plane node that is struck; where the bastion is struck, the node whose step is the sign.</param>
public sealed record FaultCase(string Step, FaultKind Kind, string Node)
{
    /// <summary>The steps of a restore's plan in their order.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        "write-journal",
        "keep-configuration",
        "ship-database",
        "build-data",
        "stage-keys",
        "stop-apiserver",
        "stop-etcd",
        "swap-data",
        "swap-keys",
        "start-etcd",
        "wait-etcd",
        "start-apiserver",
        "wait-apiserver",
        "start-rest",
        "check-etcd",
        "clean-state",
        "recycle",
        "wait-ready",
    ];

    /// <summary>Steps whose commands on a node bear the step's name, so that the very command can be made to fail.</summary>
    public static IReadOnlySet<string> NamedOnNodes { get; } =
        new HashSet<string>(
            [
                "ship-database",
                "build-data",
                "stop-apiserver",
                "stop-etcd",
                "swap-data",
                "swap-keys",
                "start-etcd",
                "start-apiserver",
                "start-rest",
            ],
            StringComparer.Ordinal
        );

    /// <summary>Steps of the cluster as a whole: where the bastion is struck, their node makes no difference.</summary>
    private static readonly IReadOnlySet<string> OfTheCluster = new HashSet<string>(
        ["wait-etcd", "wait-apiserver", "check-etcd", "clean-state", "recycle", "wait-ready"],
        StringComparer.Ordinal
    );

    /// <summary>
    /// All cases, or those that stand for them. A bastion that dies is made good by a rerun and by undoing in turn, from node to node and
    /// step to step, unless one of both is asked for by name.
    /// </summary>
    /// <param name="nodes">The control-plane nodes: first, middle and last of them are struck.</param>
    /// <param name="step">Only this step; null for all.</param>
    /// <param name="kind">Only this fault; null for all.</param>
    /// <param name="quick">One node for each step and fault, and of the steps those of the cutover and the last of staging.</param>
    public static IReadOnlyList<FaultCase> Choose(IReadOnlyList<string> nodes, string? step, FaultKind? kind, bool quick)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        string[] struck = [nodes[0], nodes[nodes.Count / 2], nodes[^1]];
        var all =
            from s in Steps.Index()
            where step is null || s.Item == step
            from k in Enum.GetValues<FaultKind>()
            where kind is null || k == kind
            from n in struck.Distinct().Index()
            where kind is not null || !IsOtherRemedy(k, s.Index + n.Index)
            where n.Index == 0 || !StrikesBastion(k) || !OfTheCluster.Contains(s.Item)
            where !quick || n.Index == (StrikesBastion(k) && OfTheCluster.Contains(s.Item) ? 0 : (s.Index + (int)k) % 3)
            where !quick || step is not null || Array.IndexOf(QuickSteps, s.Item) >= 0
            select new FaultCase(s.Item, k, n.Item);
        return [.. all];
    }

    private static bool StrikesBastion(FaultKind kind) => kind is FaultKind.KillRerun or FaultKind.KillUndo or FaultKind.Interrupt;

    private static bool IsOtherRemedy(FaultKind kind, int turn) => kind == (turn % 2 == 0 ? FaultKind.KillUndo : FaultKind.KillRerun);

    private static readonly string[] QuickSteps = ["build-data", "stop-etcd", "swap-data", "start-etcd", "wait-apiserver", "check-etcd"];

    /// <inheritdoc/>
    public override string ToString() => $"{Step} x {Kind} on {Node}";
}
