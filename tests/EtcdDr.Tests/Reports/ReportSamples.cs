using EtcdDr.Engine.Reports;

namespace EtcdDr.Tests.Reports;

/// <summary>One of each thing that a report tells of, with values as they come from a cluster of three control-plane nodes.</summary>
internal static class ReportSamples
{
    /// <summary>Markup and characters that have a meaning in HTML, XML or metrics.</summary>
    public const string Hostile = "<script>alert(\"1\")</script> & 'label'\\\n\u0007";

    private static readonly string[] Nodes = ["cp1", "cp2", "cp3"];

    public static DateTime Now { get; } = new(2026, 11, 23, 3, 30, 0, DateTimeKind.Utc);

    private static DateTime Start { get; } = new(2026, 11, 23, 3, 25, 5, DateTimeKind.Utc);

    public static EtcdSnapshot Snapshot { get; } =
        new()
        {
            Name = "etcd_snapshot_2026-11-23_03-20-00",
            Path = "/restore/etcd_snapshot_2026-11-23_03-20-00",
            ComputerName = "opc@dr-bastion",
            Format = SnapshotFormat.EtcdDr,
            Label = Hostile,
            Created = new DateTime(2026, 11, 23, 3, 20, 0, DateTimeKind.Utc),
            TakenIn = TimeSpan.FromSeconds(12.5),
            Cluster = "primary",
            KubernetesVersion = "v1.36.1",
            EtcdVersion = "3.6.5",
            ClusterId = "addab1a10aedc985",
            Revision = 1_234_567,
            HashKv = 2_282_642_733,
            KeyCount = 45_678,
            DbSize = 113_246_208,
            Size = 115_343_360,
            Nodes = [new SnapshotNode("cp1", NodeRole.ControlPlane, "10.5.176.144")],
            Files = [new SnapshotFile("etcd-snapshot.db", 113_246_208, new string('a', 64))],
        };

    public static EtcdRestore Restore { get; } =
        new()
        {
            Id = "2026-11-23_03-25-05-018e65",
            Cluster = "secondary",
            Snapshot = Snapshot.Name,
            SnapshotPath = Snapshot.ToString(),
            SnapshotCreated = Snapshot.Created,
            DatabaseSha256 = new string('a', 64),
            EtcdVersion = "3.6.5",
            KubernetesVersion = "v1.36.1",
            Tool = "EtcdDr 0.1.0",
            State = RestoreState.Incomplete,
            Message = "Cluster 'secondary' serves the state of the snapshot, but 1 object was not ready.",
            Started = Start,
            Finished = Start.AddSeconds(78),
            ApiStopped = Start.AddSeconds(3),
            ApiReady = Start.AddSeconds(17.5),
            ApiDowntime = TimeSpan.FromSeconds(14.5),
            TimeToApi = TimeSpan.FromSeconds(17.5),
            PreviousClusterId = "addab1a10aedc985",
            ClusterId = "6ed1f035743cf027",
            HashKv = 2_282_642_733,
            Plan = new RestorePlan
            {
                Id = "2026-11-23_03-25-05-018e65",
                Cluster = "secondary",
                Snapshot = Snapshot.Name,
                DbSize = Snapshot.DbSize,
                Nodes = [.. Nodes.Select(Plan)],
                Steps = [],
                Findings =
                [
                    new RestoreFinding(
                        "EtcdVersion",
                        "cp2",
                        "etcd 3.6.4 runs there, and the snapshot is of 3.6.5.",
                        "Bring both to one version.",
                        false
                    ),
                ],
            },
            Steps = [.. Steps()],
            Members = [Member("secondary", "cp1", true), Member("secondary", "cp2", true), Member("secondary", "cp3", true)],
            Pods = [new RestorePod("kube-system", "coredns-590c9b1fd6-dzkkj", "0/1", "ContainerCreating", 0, "w1", Start)],
            NotReady =
            [
                new RestoreNotReady("Pod", "kube-system", "coredns-590c9b1fd6-dzkkj", "ContainerCreating, 0 of 1 containers ready"),
            ],
            Findings =
            [
                new RestoreFinding("PodNetworks", "w1", "Node 'w1' bridges pods in 10.1.2.0/24.", "Restart its CNI plug-in.", false),
            ],
            LogPath = Snapshot + "/restore_attempted_2026-11-23_03-25-05",
            PreviousData = Nodes.ToDictionary(n => n, _ => "/var/lib/etcd.etcddr/2026-11-23_03-25-05-018e65/previous"),
        };

    public static IReadOnlyList<EtcdSnapshotTest> Tests { get; } =
    [
        Test("Files", SnapshotTestSeverity.None, "All 17 files have the sums of the manifest."),
        Test("Pages", SnapshotTestSeverity.Error, "Page 4711 " + Hostile),
        Test("Permissions", SnapshotTestSeverity.Warning, "'keys/sa.key' can be read by others."),
        Test("Drill", SnapshotTestSeverity.None, "Restored and served in 2.1 s: revision and key count are the manifest's."),
    ];

    public static IReadOnlyList<MirrorCheck> Mirror { get; } =
    [
        Check("NodeNames", "Nodes", MirrorStatus.Pass, null),
        Check("PodCidr", "Settings", MirrorStatus.Fail, null),
        Check("Images", "Workloads", MirrorStatus.Warning, "cp2"),
        Check("Images", "Workloads", MirrorStatus.Fail, "cp2"),
        Check("Clock", "Names", MirrorStatus.Information, "cp1"),
    ];

    public static IReadOnlyList<InventoryDifference> Differences { get; } =
    [
        new()
        {
            Change = InventoryChange.Missing,
            Group = "apps",
            Kind = "Deployment",
            Namespace = "shop",
            Name = Hostile,
            Snapshot = Snapshot.ToString(),
            ComparedWith = "secondary",
        },
        new()
        {
            Change = InventoryChange.NotReady,
            Group = "",
            Kind = "Pod",
            Namespace = "shop",
            Name = "Deployment/cart",
            Snapshot = Snapshot.ToString(),
            ComparedWith = "secondary",
            Message = "2 of 3 pods are ready.",
        },
    ];

    public static IReadOnlyList<InventoryKindSummary> Kinds { get; } =
    [
        new()
        {
            Group = "",
            Kind = "Pod",
            InSnapshot = 40,
            Compared = 39,
            Missing = 1,
            NotReady = 2,
            Snapshot = Snapshot.ToString(),
            ComparedWith = "secondary",
        },
        new()
        {
            Group = "apps",
            Kind = "Deployment",
            InSnapshot = 12,
            Compared = 12,
            Snapshot = Snapshot.ToString(),
            ComparedWith = "secondary",
        },
    ];

    /// <summary>All of it.</summary>
    public static ReportContent Everything()
    {
        var content = new ReportContent();
        foreach (
            var item in new object[] { Restore, Snapshot }
                .Concat(Tests)
                .Concat(Mirror)
                .Concat(Differences)
                .Concat(Kinds)
                .Append(Member("primary", "cp1", true))
                .Append(Member("primary", "cp2", false))
        )
        {
            content.Add(item);
        }

        return content;
    }

    /// <summary>Nothing but these.</summary>
    public static ReportContent Of(params object[] items)
    {
        var content = new ReportContent();
        foreach (var item in items)
        {
            content.Add(item);
        }

        return content;
    }

    public static EtcdMemberStatus Member(string cluster, string node, bool healthy) =>
        new()
        {
            Cluster = cluster,
            Node = node,
            Endpoint = "https://10.5.176.144:2379",
            MemberId = "3ed4624691b49c29",
            Version = "3.6.5",
            DbSize = 113_246_208,
            DbSizeInUse = 83_246_208,
            IsLeader = node == "cp1",
            RaftTerm = 4,
            RaftAppliedIndex = 322,
            Revision = 1_000_444,
            Healthy = healthy,
            Alarms = healthy ? [] : ["NOSPACE"],
        };

    private static EtcdSnapshotTest Test(string check, SnapshotTestSeverity severity, string message) =>
        new()
        {
            Snapshot = Snapshot.ToString(),
            Check = check,
            Severity = severity,
            Message = message,
            Elapsed = TimeSpan.FromSeconds(1.25),
            Remedy = severity == SnapshotTestSeverity.None ? null : "Use another copy of it.",
        };

    private static MirrorCheck Check(string name, string category, MirrorStatus status, string? node) =>
        new()
        {
            Name = name,
            Category = category,
            Status = status,
            Node = node,
            Primary = "primary",
            Secondary = "secondary",
            PrimaryValue = "10.244.0.0/16",
            SecondaryValue = "10.245.0.0/16",
            Message = $"{name} says {Hostile}",
            Remedy = status >= MirrorStatus.Warning ? "Make both alike." : null,
        };

    private static RestorePlanNode Plan(string node) =>
        new()
        {
            Node = node,
            Address = "10.5.177.14" + node[^1],
            MemberName = node,
            PeerUrls = [],
            DataDirectory = "/var/lib/etcd",
            WorkDirectory = "/var/lib/etcd.etcddr",
            Tool = "/proc/4711/root/usr/local/bin/etcdutl",
            ToolVersion = "3.6.5",
            EtcdVersion = "3.6.5",
            BumpsRevision = true,
        };

    private static IEnumerable<RestoreStepResult> Steps()
    {
        (string Phase, string Name, bool Each, double From, double To)[] steps =
        [
            ("Stage", "write-journal", true, 0.1, 0.4),
            ("Stage", "keep-configuration", true, 0.4, 0.9),
            ("Stage", "ship-database", true, 0.9, 2.0),
            ("Stage", "build-data", true, 2.0, 2.9),
            ("Cutover", "stop-apiserver", true, 3, 7.1),
            ("Cutover", "stop-etcd", true, 7.2, 10),
            ("Cutover", "swap-data", true, 10.1, 10.7),
            ("Cutover", "swap-keys", true, 10.7, 11),
            ("Cutover", "start-etcd", true, 11, 12),
            ("Cutover", "wait-etcd", false, 12, 14),
            ("Cutover", "start-apiserver", true, 14, 14.6),
            ("Cutover", "wait-apiserver", false, 14.6, 18),
            ("Cutover", "start-rest", true, 18, 18.5),
            ("Converge", "check-etcd", false, 18.5, 20),
            ("Converge", "restart-kubelets", false, 20, 24),
            ("Converge", "recycle", false, 24, 27),
            ("Converge", "wait-ready", false, 27, 78),
        ];
        foreach (var (phase, name, each, from, to) in steps)
        {
            foreach (var (node, late) in each ? [("cp1", 0.0), ("cp2", 0.2), ("cp3", -0.1)] : new[] { ((string?)null, 0.0) })
            {
                var failed = name == "wait-ready";
                yield return new RestoreStepResult(
                    phase,
                    name,
                    node,
                    Start.AddSeconds(from),
                    Start.AddSeconds(to + (late * (to - from))),
                    failed ? "Failed" : "Done",
                    failed ? "1 not ready" : null
                );
            }
        }
    }
}
