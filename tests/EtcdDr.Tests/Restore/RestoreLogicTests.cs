using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

public sealed class RestoreLogicTests
{
    private static readonly EtcdCluster Secondary = new()
    {
        Name = "secondary",
        Kubeconfig = "/k",
        Context = "c",
        Server = new Uri("https://k8s.example:6443"),
    };

    [Theory]
    [InlineData("v1.36.1", "1.36")]
    [InlineData("3.5.16", "3.5")]
    [InlineData("3.6.0-rc.1", "3.6")]
    public void A_minor_version_is_the_first_two_numbers(string version, string minor) => Assert.Equal(minor, EtcdVersions.Minor(version));

    [Theory]
    [InlineData("registry.k8s.io/etcd:3.6.5-0", "3.6.5")]
    [InlineData("registry.example:5000/etcd:v3.5.16@sha256:abc", "3.5.16")]
    [InlineData("registry.example:5000/etcd", null)]
    [InlineData("registry.k8s.io/etcd:latest", null)]
    public void The_version_of_an_image_is_that_of_its_tag(string image, string? version) =>
        Assert.Equal(version, EtcdVersions.OfImage(image));

    [Fact]
    public void A_journal_survives_its_way_to_a_node_and_back_with_the_state_that_the_node_recorded_last()
    {
        var journal = Journal("r1", RestoreState.Staging);
        var text =
            $"journal /etc/kubernetes/etcddr/r1\n{Base64(journal.ToJson())}\n{Base64("CuttingOver\n"u8.ToArray())}\n"
            + $"{Base64("2026-11-23T03:00:00Z begin swap-data\n"u8.ToArray())}\n";

        var found = Assert.Single(NodeJournal.Parse("cp1", text));

        Assert.Equal(RestoreState.CuttingOver, found.Journal.State);
        Assert.Equal(journal.Token, found.Journal.Token);
        Assert.Equal("/etc/kubernetes/etcddr/r1", found.Directory);
        Assert.Equal(["2026-11-23T03:00:00Z begin swap-data"], found.Steps);
    }

    [Fact]
    public void A_damaged_journal_is_an_error_that_names_the_file_and_the_node()
    {
        var text = $"journal /etc/kubernetes/etcddr/r1\n{Base64("{"u8.ToArray())}\n\n\n";

        var error = Assert.Throws<EtcdDrException>(() => NodeJournal.Parse("cp1", text));

        Assert.Equal("RestoreJournalInvalid", error.ErrorId);
        Assert.Contains("/etc/kubernetes/etcddr/r1/journal.json on node 'cp1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Undo_takes_the_newest_restore_that_can_be_undone()
    {
        EtcdRestore[] restores =
        [
            Known("r3", RestoreState.Staged),
            Known("r2", RestoreState.Completed),
            Known("r1", RestoreState.Completed),
        ];

        Assert.Equal("r2", RestoreHistory.ChooseUndoable(Secondary, restores, null).Id);
    }

    [Fact]
    public void Undo_of_an_older_restore_is_refused_while_a_newer_one_stands()
    {
        EtcdRestore[] restores = [Known("r2", RestoreState.Completed), Known("r1", RestoreState.Completed)];

        var error = Assert.Throws<EtcdDrException>(() => RestoreHistory.ChooseUndoable(Secondary, restores, "r1"));

        Assert.Equal("RestoreNotNewest", error.ErrorId);
        Assert.Contains("r2", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Undo_of_what_was_undone_already_says_so()
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            RestoreHistory.ChooseUndoable(Secondary, [Known("r1", RestoreState.Undone)], "r1")
        );

        Assert.Equal("NothingToUndo", error.ErrorId);
    }

    [Fact]
    public void An_abandoned_restore_is_not_undone_by_itself_but_by_its_id()
    {
        EtcdRestore[] restores = [Known("r1", RestoreState.Abandoned)];

        Assert.Equal(
            "NothingToUndo",
            Assert.Throws<EtcdDrException>(() => RestoreHistory.ChooseUndoable(Secondary, restores, null)).ErrorId
        );
        Assert.Equal("r1", RestoreHistory.ChooseUndoable(Secondary, restores, "r1").Id);
        Assert.Equal(
            "NothingToComplete",
            Assert.Throws<EtcdDrException>(() => RestoreHistory.ChooseOpen(Secondary, restores, null)).ErrorId
        );
    }

    [Theory]
    [InlineData(RestoreState.Quiesced, RestoreState.Abandoned)]
    [InlineData(RestoreState.CuttingOver, RestoreState.Abandoned)]
    [InlineData(RestoreState.Converging, RestoreState.Abandoned)]
    [InlineData(RestoreState.Failed, RestoreState.Abandoned)]
    [InlineData(RestoreState.Incomplete, RestoreState.Abandoned)]
    [InlineData(RestoreState.RollingBack, RestoreState.RollingBack)]
    [InlineData(RestoreState.Undone, RestoreState.Undone)]
    public void What_was_abandoned_while_a_node_was_away_is_abandoned_there_too_unless_it_is_being_put_back(
        RestoreState came,
        RestoreState counts
    )
    {
        NodeJournal[] journals =
        [
            new("cp1", "/j", Journal("r1", RestoreState.Abandoned), []),
            new("cp2", "/j", Journal("r1", came), []),
            new("cp2", "/k", Journal("r2", came), []),
        ];

        Assert.Equal([RestoreState.Abandoned, counts, came], RestoreJournals.WithEnds(journals).Select(j => j.Journal.State));
    }

    [Fact]
    public void A_restore_that_owes_an_end_on_one_node_owes_it_as_a_whole() =>
        Assert.Equal(
            RestoreState.RollingBack,
            RestoreHistory.Together([RestoreState.RolledBack, RestoreState.RollingBack, RestoreState.RolledBack])
        );

    [Fact]
    public void A_journal_of_an_older_version_is_undone_under_kubeadms_file_names()
    {
        var node = new JournalNode
        {
            Name = "cp1",
            MemberName = "cp1",
            PeerUrls = [],
            ManifestDirectory = "/m",
            JournalDirectory = "/j",
            Components = ["etcd"],
            WorkDirectory = "/w",
            DataDirectory = "/d",
            Units = [],
        };

        var read = RestoreJournal.Parse((Journal("r1", RestoreState.Completed) with { Nodes = [node] }).ToJson(), "here").Nodes[0];

        Assert.Equal("etcd/etcd.yaml/kube-system/etcd/etcd", Assert.Single(read.Parts).Word);
    }

    [Theory]
    [InlineData("manifest etcd\nmanifest kube-apiserver\ncontainer etcd 1\ncontainer kube-apiserver 2\nkubelet active\n", "Running")]
    [InlineData("held etcd\nheld kube-apiserver\nkubelet active\n", "Stopped")]
    [InlineData("manifest etcd\nheld kube-apiserver\ncontainer etcd 1\n", "Partial")]
    [InlineData("manifest etcd\n", "Partial")]
    [InlineData("kubelet inactive\n", "Unknown")]
    public void The_state_of_a_control_plane_follows_from_manifests_and_containers(string text, string state) =>
        Assert.Equal(state, ControlPlaneReading.Parse("secondary", "cp1", text, TimeSpan.Zero).State);

    [Fact]
    public void Containers_that_would_not_stop_are_named_with_their_ids() =>
        Assert.Equal(
            [("etcd", "0123"), ("kube-apiserver", "4567")],
            StaticPods.Remaining("some warning\nstill running: etcd 0123 kube-apiserver 4567\n")
        );

    [Fact]
    public void Only_the_certificate_authority_of_cluster_info_changes()
    {
        const string Old =
            "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: T0xE\n    server: https://k8s.example:6443\n  "
            + "name: \"\"\n";

        Assert.Equal(Old.Replace("T0xE", "TkVX", StringComparison.Ordinal), ClusterInfo.Replace(Old, "TkVX"));
    }

    [Theory]
    [InlineData(1, 1, 1, null)]
    [InlineData(2, 1, 1, "its controller has not seen the newest change yet")]
    [InlineData(1, 0, 1, "0 of 1 pods are updated")]
    [InlineData(1, 1, 0, "0 of 1 pods are available")]
    public void A_deployment_is_ready_when_its_newest_pods_are_all_available(int generation, int updated, int available, string? why)
    {
        var item = JsonNode
            .Parse(
                $$$"""
                {"metadata": {"name": "web", "namespace": "shop", "generation": {{{generation}}} }, "spec": {"replicas": 1},
                 "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": {{{updated}}},
                   "availableReplicas": {{{available}}} } }
                """
            )!
            .AsObject();

        Assert.Equal(why, Workload.From("deployments", item).NotReady);
    }

    // Two databases, what one of them grows by (an eighth), two segments of 64,000,000 of the log, and 64 MiB. Not the previous data.
    [Theory]
    [InlineData(0, 195_108_864, 131_108_864)]
    [InlineData(100_000_000, 407_608_864, 143_608_864)]
    [InlineData(8_000_000_000, 17_195_108_864, 1_131_108_864)]
    public void The_space_needed_is_for_two_databases_growth_and_a_log_of_two_segments(long dbSize, long fresh, long staged) =>
        Assert.Equal((fresh, staged), (RestorePlanner.NeededBytes(dbSize), RestorePlanner.StagedBytes(dbSize)));

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_plan_names_what_is_kept_before_and_what_is_waited_for_after(bool quiesce, bool authority)
    {
        var steps = RestorePlanner.Steps([PlanNode], [], [], new RestoreOptions { Quiesce = quiesce }, []).Select(s => s.Name).ToList();

        Assert.Contains(StepNames.KeepConfiguration, steps);
        Assert.Contains(StepNames.Remember, steps);
        Assert.Equal(authority, steps.Contains(StepNames.OwnAuthority));
    }

    [Fact]
    public void Whoever_undoes_or_completes_a_restore_is_told_when_its_snapshot_was_taken()
    {
        var taken = new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc);
        var journal = RestoreJournal.Parse((Journal("r1", RestoreState.Completed) with { SnapshotCreated = taken }).ToJson(), "cp1");

        Assert.Equal(taken, RestoreReport.Of(journal, "secondary").SnapshotCreated);
        Assert.Equal(taken, RestoreHistory.Describe("secondary", [new NodeJournal("cp1", "/d", journal, [])]).SnapshotCreated);
    }

    [Theory]
    [InlineData(RestoreState.Completed, "Converge", true)]
    [InlineData(RestoreState.Undone, "Undo", false)]
    [InlineData(RestoreState.Incomplete, "Undo", false)]
    [InlineData(RestoreState.RolledBack, "Rollback", false)]
    public void A_state_that_was_put_back_has_no_recovery_point(RestoreState state, string phase, bool has)
    {
        var start = new DateTime(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc);
        var restore = Known("r1", state) with
        {
            ApiStopped = start,
            SnapshotCreated = start.AddHours(-1),
            Steps = [new RestoreStepResult(phase, "look", null, start, start, "Done", null)],
        };

        Assert.Equal(has ? TimeSpan.FromHours(1) : null, restore.SnapshotAge);
    }

    [Theory]
    [InlineData(180)]
    [InlineData(1800)]
    public void The_way_back_has_time_for_each_of_its_waits_however_long_a_step_may_take(int seconds) =>
        Assert.True(RestoreOperation.CleanUpLimit(TimeSpan.FromSeconds(seconds)) >= 5 * TimeSpan.FromSeconds(seconds));

    [Fact]
    public async Task What_is_kept_of_a_nodes_configuration_is_without_kubeadms_copies_of_etcd_and_earlier_restores()
    {
        using var root = new TempDirectory();
        foreach (var file in new[] { "admin.conf", "tmp/kubeadm-backup-etcd/member/snap/db", "etcddr/r1/journal.json", "pki/tmp/kept" })
        {
            var path = root.At("etc/kubernetes", file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, file);
        }

        var host = new LocalHost("cp1")
        {
            Rewrite = c => c with { Script = c.Script.Replace("tar -C / ", $"tar -C '{root.Path}' ", StringComparison.Ordinal) },
        };
        using var archive = new MemoryStream();
        await host.ReadAsync(RestoreCommands.ArchiveConfiguration, archive, CancellationToken.None);
        archive.Position = 0;
        using var tar = new TarReader(new GZipStream(archive, CompressionMode.Decompress));
        var files = new List<string>();
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.EntryType == TarEntryType.RegularFile)
            {
                files.Add(entry.Name);
            }
        }

        Assert.Equal(["etc/kubernetes/admin.conf", "etc/kubernetes/pki/tmp/kept"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_overall_progress_of_a_restore_knows_every_step_of_its_plan_and_never_goes_back()
    {
        var steps = RestorePlanner
            .Steps([PlanNode], [], ["/etc/kubernetes/pki/sa.key"], new RestoreOptions(), ["Restarts kubelets."])
            .Where(s => s.Name != StepNames.Report)
            .ToList();
        var percents = steps.Select(s => RestoreProgress.At(s.Phase, s.Name)).ToList();

        Assert.DoesNotContain(null, percents);
        Assert.Equal(percents.Order(), percents);
        Assert.Null(RestoreProgress.At("Undo", StepNames.StopApi));
    }

    private static RestorePlanNode PlanNode =>
        new()
        {
            Node = "cp1",
            Address = "10.0.0.1",
            MemberName = "cp1",
            PeerUrls = [],
            DataDirectory = "/var/lib/etcd",
            WorkDirectory = "/var/lib/etcd.etcddr/x",
            Tool = "etcdutl",
            ToolVersion = "3.6.4",
            EtcdVersion = "3.6.4",
        };

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    private static EtcdRestore Known(string id, RestoreState state) =>
        new()
        {
            Id = id,
            Cluster = "secondary",
            Snapshot = "s",
            State = state,
        };

    private static RestoreJournal Journal(string id, RestoreState state) =>
        new()
        {
            Id = id,
            Cluster = "secondary",
            Snapshot = "etcd_snapshot_2026-11-22_23-53-31",
            SnapshotPath = "/backups/etcd_snapshot_2026-11-22_23-53-31",
            DatabaseSha256 = new string('0', 64),
            Token = "5f0c1c55-8f0c-4d5e-9d5c-6b1f0a2b3c4d",
            Created = new DateTime(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc),
            CreatedBy = "opc@bastion",
            Nodes = [],
            State = state,
        };
}
