namespace EtcdDr.Lab.Faults;

/// <summary>A fault at a step of a restore, on one node, of a cluster that may be broken before it begins.</summary>
/// <param name="Step">The step's name in the journal.</param>
/// <param name="Kind">What strikes.</param>
/// <param name="Node">The control-plane node that is struck; where the bastion is struck, the node whose step is the sign.</param>
/// <param name="Beginning">What the cluster is like before.</param>
public sealed record FaultCase(string Step, FaultKind Kind, string Node, Beginning Beginning = Beginning.Healthy)
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
        "release-leases",
        "start-rest",
        "check-etcd",
        "clean-state",
        "recycle",
        "wait-ready",
    ];

    /// <summary>Steps that only a quiet restore has.</summary>
    public static IReadOnlyList<string> QuietSteps { get; } = ["hold-kubelets", "suspend-cronjobs"];

    /// <summary>Whether the restore that is struck is a quiet one.</summary>
    public bool IsQuiet => QuietSteps.Contains(Step);

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
        ["wait-etcd", "wait-apiserver", "release-leases", "check-etcd", "clean-state", "recycle", "wait-ready", .. QuietSteps],
        StringComparer.Ordinal
    );

    /// <summary>
    /// All cases, or those that stand for them. From a healthy cluster every fault strikes every step on the first, middle and last node; a
    /// bastion that dies is made good by a rerun and by undoing in turn, unless one of both is asked for by name. From a broken one every
    /// step is struck on each of the three nodes, by the faults in turn, so that over steps, nodes and beginnings each meets each.
    /// </summary>
    /// <param name="nodes">The control-plane nodes: first, middle and last of them are struck.</param>
    /// <param name="choice">What is asked for.</param>
    public static IReadOnlyList<FaultCase> Choose(IReadOnlyList<string> nodes, FaultChoice choice)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(choice);
        var all =
            from b in Enum.GetValues<Beginning>()
            where choice.Beginning is null || b == choice.Beginning
            from c in b == Beginning.Healthy ? FromHealthy(nodes, choice) : FromBroken(nodes, choice, b)
            where choice.Node is null || c.Node == choice.Node
            select c;
        return [.. all];
    }

    /// <summary>First, middle and last of some nodes.</summary>
    public static IReadOnlyList<string> Struck(IReadOnlyList<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        return [.. new[] { nodes[0], nodes[nodes.Count / 2], nodes[^1] }.Distinct()];
    }

    private static IEnumerable<FaultCase> FromHealthy(IReadOnlyList<string> nodes, FaultChoice choice) =>
        from s in StepsOf([.. Steps, .. QuietSteps], choice)
        from k in Enum.GetValues<FaultKind>()
        where choice.Kind is null || k == choice.Kind
        from n in Struck(nodes).Index()
        where choice.Kind is not null || !IsOtherRemedy(k, s.Index + n.Index)
        where n.Index == 0 || choice.Node is not null || !StrikesBastion(k) || !OfTheCluster.Contains(s.Item)
        where !choice.Quick || n.Index == (StrikesBastion(k) && OfTheCluster.Contains(s.Item) ? 0 : (s.Index + (int)k) % 3)
        select new FaultCase(s.Item, k, n.Item);

    private static IEnumerable<FaultCase> FromBroken(IReadOnlyList<string> nodes, FaultChoice choice, Beginning beginning) =>
        from s in StepsOf(Steps, choice)
        from n in Struck(nodes).Index()
        where !choice.Quick || n.Index == (s.Index + (int)beginning) % 3
        let kinds = Enum.GetValues<FaultKind>()
        let turn = (s.Index * 3) + n.Index + (int)beginning
        select new FaultCase(s.Item, choice.Kind ?? kinds[turn % kinds.Length], n.Item, beginning);

    private static IEnumerable<(int Index, string Item)> StepsOf(IReadOnlyList<string> steps, FaultChoice choice) =>
        steps
            .Index()
            .Where(s => choice.Step is null || s.Item == choice.Step)
            .Where(s => !choice.Quick || choice.Step is not null || Array.IndexOf(QuickSteps, s.Item) >= 0);

    private static bool StrikesBastion(FaultKind kind) => kind is FaultKind.KillRerun or FaultKind.KillUndo or FaultKind.Interrupt;

    private static bool IsOtherRemedy(FaultKind kind, int turn) => kind == (turn % 2 == 0 ? FaultKind.KillUndo : FaultKind.KillRerun);

    private static readonly string[] QuickSteps = ["build-data", "stop-etcd", "swap-data", "start-etcd", "wait-apiserver", "check-etcd"];

    /// <inheritdoc/>
    public override string ToString() => $"{Step} x {Kind} on {Node} of {Beginning}";
}
