using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>Turns what was read into the plan that is shown, confirmed and carried out. Pure: asks nothing of any machine.</summary>
internal static class RestorePlanner
{
    // A segment of the write-ahead log (SegmentSizeBytes in etcd's server/storage/wal/wal.go); it is allocated whole when it
    // begins.
    private const long WalSegment = 64_000_000;

    /// <summary>What etcd takes for a new write-ahead log, bytes: the segment that it writes, and the next, which it allocates as soon as
    /// it opens the log (file_pipeline.go beside it).</summary>
    public const long NewWal = 2 * WalSegment;

    private const long Slack = 64L * 1024 * 1024;

    // All controllers go over a restored state at once, and what is rolled is written anew: an eighth more of the database until etcd
    // compacts.
    private const int GrowthShare = 8;

    // Rough figures for the estimate only, as measured on small machines (DESIGN section 9): shipping and building run on all nodes at
    // once.
    private const double ShipBytesPerSecond = 100e6;
    private const double BuildBytesPerSecond = 150e6;

    /// <summary>What a control-plane node gets.</summary>
    public static RestorePlanNode PlanNode(NodeFacts facts, JournalNode journal, RestoreTools tools, long dbSize, bool staged)
    {
        var tool = tools.Of(journal.Name);
        return new()
        {
            Node = facts.Node.Name,
            Address = facts.Node.Address,
            MemberName = journal.MemberName,
            PeerUrls = journal.PeerUrls,
            DataDirectory = journal.DataDirectory,
            WalDirectory = facts.WalDirectory,
            WorkDirectory = journal.WorkDirectory,
            Tool = tools.Givers.TryGetValue(journal.Name, out var giver) ? $"{tool!.Place} of node {giver}" : tool?.Place ?? string.Empty,
            ToolVersion = tool?.Version ?? string.Empty,
            EtcdVersion = facts.EtcdVersion,
            BumpsRevision = tools.Raise,
            WhyToolRunsAsRoot = facts.Programs.WhyNoJail,
            BytesToMove = staged ? 0 : dbSize,
            FreeBytes = facts.FreeBytes,
            NeededBytes = staged ? StagedBytes(dbSize) : NeededBytes(dbSize),
            Staged = staged,
        };
    }

    /// <summary>
    /// Bytes needed on the data directory's file system: the received database, the one that is built from it and what that grows by, its
    /// write-ahead log and some slack. The previous data stays where it is, renamed.
    /// </summary>
    public static long NeededBytes(long dbSize) => (2 * dbSize) + NewWal + Growth(dbSize);

    /// <summary>The same where the new data lies built already, with the first segment of its write-ahead log.</summary>
    public static long StagedBytes(long dbSize) => WalSegment + Growth(dbSize);

    private static long Growth(long dbSize) => (dbSize / GrowthShare) + Slack;

    /// <summary>The steps in their order.</summary>
    public static IReadOnlyList<RestorePlanStep> Steps(
        IReadOnlyList<RestorePlanNode> nodes,
        IReadOnlyList<string> workers,
        IReadOnlyList<string> keys,
        RestoreOptions options,
        IReadOnlyList<string> recycles
    )
    {
        var steps = new List<RestorePlanStep>();
        var number = 0;
        void OnEach(
            string phase,
            string name,
            Func<RestorePlanNode, string> say,
            Func<RestorePlanNode, long>? bytes = null,
            bool away = false
        )
        {
            number++;
            steps.AddRange(nodes.Select(n => new RestorePlanStep(number, phase, name, n.Node, say(n), bytes?.Invoke(n) ?? 0, away)));
        }

        void Once(string phase, string name, string say, bool away = false) =>
            steps.Add(new RestorePlanStep(++number, phase, name, null, say, 0, away));

        OnEach("Stage", StepNames.Journal, n => $"Writes the journal of this restore beside the manifests of {n.Node}.");
        OnEach("Stage", StepNames.KeepConfiguration, n => $"Keeps /etc/kubernetes of {n.Node} beside the snapshot.");
        if (nodes.Any(n => !n.Staged))
        {
            OnEach(
                "Stage",
                StepNames.Ship,
                n => n.Staged ? "Already there." : $"Ships the database to {n.WorkDirectory} and checks its SHA-256.",
                n => n.BytesToMove
            );
            OnEach(
                "Stage",
                StepNames.Build,
                n => n.Staged ? "Already there." : $"Builds the new data with {n.Tool} {n.ToolVersion} beside {n.DataDirectory}."
            );
        }

        if (keys.Count > 0)
        {
            OnEach("Stage", StepNames.StageKeys, _ => $"Keeps ready, readable by root only: {string.Join(", ", keys)}.");
        }

        if (options.StageOnly)
        {
            return steps;
        }

        if (options.Quiesce)
        {
            Once("Cutover", StepNames.HoldKubelets, $"Stops the kubelets of {workers.Count} workers and keeps them from starting.");
        }

        OnEach(
            "Cutover",
            StepNames.StopApi,
            _ =>
                "Takes the manifests of kube-apiserver, kube-controller-manager and kube-scheduler aside and waits until their "
                + "containers are gone.",
            away: true
        );
        OnEach("Cutover", StepNames.StopEtcd, _ => "Takes the manifest of etcd aside and waits until its container is gone.", away: true);
        OnEach(
            "Cutover",
            StepNames.SwapData,
            n => $"Keeps {n.DataDirectory}/member in {n.WorkDirectory}/previous and puts the new data in its place, by rename.",
            away: true
        );
        if (keys.Count > 0)
        {
            OnEach("Cutover", StepNames.SwapKeys, _ => $"Keeps and replaces {string.Join(", ", keys)}.", away: true);
        }

        OnEach("Cutover", StepNames.StartEtcd, _ => "Puts the manifest of etcd back.", away: true);
        Once("Cutover", StepNames.WaitEtcd, "Waits until every member serves reads.", away: true);
        OnEach("Cutover", StepNames.StartApi, _ => "Puts the manifest of kube-apiserver back.", away: true);
        Once("Cutover", StepNames.WaitApi, "Waits until every apiserver is ready.", away: true);
        if (!options.Quiesce)
        {
            Once("Cutover", StepNames.ReleaseLeases, "Gives up the leases of controller managers and schedulers that run no more.");
            OnEach("Cutover", StepNames.StartRest, _ => "Puts the manifests of kube-controller-manager and kube-scheduler back.");
        }

        Once("Converge", StepNames.Remember, "Remembers what is not ready in the restored state itself.");
        Once("Converge", StepNames.CheckEtcd, "Compares HashKV of all members and the cluster id with the previous one.");
        Once(
            "Converge",
            StepNames.CleanState,
            "Removes leases of the source's apiservers and puts this cluster's CA into kube-public/cluster-info."
        );
        Once(
            "Converge",
            StepNames.CompareNodes,
            "Compares pod networks, provider names and attached volumes of the restored state with the nodes' own."
        );
        if (!options.Quiesce)
        {
            Once("Converge", StepNames.OwnAuthority, "Waits until kube-root-ca.crt of every namespace is this cluster's CA.");
        }

        foreach (var recycle in recycles)
        {
            Once("Converge", StepNames.Recycle, recycle);
        }

        Once(
            "Converge",
            options.Quiesce ? StepNames.HoldCronJobs : StepNames.WaitReady,
            options.Quiesce ? "Suspends the CronJobs that are not suspended." : "Waits until nodes, workloads and pods are ready."
        );
        Once("Report", StepNames.Report, "Writes report.json.");
        return steps;
    }

    /// <summary>A rough idea of how long a restore takes until the API is back, and how long the API is away.</summary>
    public static (TimeSpan Total, TimeSpan ApiAway) Estimate(long dbSize, bool staged, bool stageOnly)
    {
        var away = stageOnly ? TimeSpan.Zero : TimeSpan.FromSeconds(15);
        var stage = staged ? 0 : (dbSize / ShipBytesPerSecond) + (dbSize / BuildBytesPerSecond);
        return (away + TimeSpan.FromSeconds(Math.Ceiling(stage + 3)), away);
    }

    /// <summary>What is recycled, in sentences.</summary>
    public static IReadOnlyList<string> Recycles(RecycleSettings settings, int nodes)
    {
        var said = new List<string>();
        if (settings.Kubelets)
        {
            said.Add($"Restarts the kubelet on {nodes} nodes.");
        }

        if (settings.Workloads)
        {
            var except =
                settings.ExcludedNamespaces.Count > 0 ? $" except in {string.Join(", ", settings.ExcludedNamespaces)}" : string.Empty;
            said.Add($"Rolls DaemonSets, Deployments and StatefulSets of all namespaces{except}.");
        }

        if (settings.InfrastructurePods.Count > 0)
        {
            said.Add($"Deletes infrastructure pods so that they start anew: {string.Join(", ", settings.InfrastructurePods)}.");
        }

        return said;
    }
}
