using System.Text.Json.Nodes;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

/// <summary>Bringing a cluster in line: what one object or one step fails of keeps nothing else from its work.</summary>
public sealed class ConvergenceTests
{
    private static readonly DateTime Noon = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task A_step_that_fails_keeps_no_other_from_its_work_and_is_named()
    {
        var done = new List<string>();
        ConvergeStep[] steps =
        [
            new("check-etcd", [], _ => throw Refused("EtcdMembersDisagree")),
            new("clean-state", [], ct => Note("clean-state")),
            new("wait-ready", ["check-etcd", "clean-state"], ct => Note("wait-ready")),
        ];

        var failed = await ConvergeSteps.RunAsync(
            steps,
            (_, work, ct) => work(ct),
            TimeProvider.System,
            TimeSpan.FromMinutes(1),
            CancellationToken.None
        );

        Assert.Equal(["clean-state", "wait-ready"], done);
        Assert.Equal("EtcdMembersDisagree", failed["check-etcd"].ErrorId);

        Task<string?> Note(string name)
        {
            done.Add(name);
            return Task.FromResult<string?>(null);
        }
    }

    [Fact]
    public async Task A_request_that_is_not_answered_in_time_is_asked_again_until_the_limit()
    {
        var attempts = 0;
        ConvergeStep[] steps =
        [
            new("clean-state", [], _ => ++attempts < 3 ? throw Refused("KubeApiUnreachable") : Task.FromResult<string?>("done")),
        ];

        var failed = await ConvergeSteps.RunAsync(
            steps,
            (_, work, ct) => work(ct),
            new HastyTime(),
            TimeSpan.FromMinutes(1),
            CancellationToken.None
        );

        Assert.Empty(failed);
        Assert.Equal(3, attempts);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    public void A_static_pod_that_is_just_being_started_is_waited_for_and_not_taken_for_broken_in_the_snapshot(
        bool mirror,
        bool ofTheState,
        bool counts
    )
    {
        var pod = new PodState
        {
            Namespace = "kube-system",
            Name = "kube-apiserver-cp1",
            Status = "Pending",
            IsMirror = mirror,
        };

        Assert.Equal(counts, Readiness.Counts(pod, ofTheState));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(0, true)]
    [InlineData(-1, true)]
    [InlineData(-5, false)]
    public void A_nodes_own_clock_says_whether_its_kubelet_has_reported_since_its_restart(int secondsAfter, bool reported) =>
        Assert.Equal(reported, Readiness.HasReported(Noon.AddSeconds(secondsAfter), Noon, DateTime.MinValue));

    [Fact]
    public void Where_a_nodes_clock_is_not_known_its_kubelet_has_to_report_once_more()
    {
        Assert.False(Readiness.HasReported(Noon, null, Noon));
        Assert.True(Readiness.HasReported(Noon.AddHours(-3), null, Noon));
    }

    [Fact]
    public void The_network_is_restarted_first_then_names_then_what_webhooks_are_answered_by_then_storage_one_at_a_time()
    {
        Workload[] workloads =
        [
            Load("Deployment", "shop", "web"),
            Load("Deployment", "policy", "gatekeeper"),
            Load("Deployment", "kube-system", "coredns"),
            Load("DaemonSet", "kube-flannel", "flannel"),
            Load("DaemonSet", "kube-system", "csi-nfs-node") with
            {
                IsKubeletPlugin = true,
            },
            Load("Deployment", "rook", "rook-ceph-osd-0") with
            {
                PodLabels = new Dictionary<string, string> { ["app"] = "rook-ceph-osd" },
            },
        ];

        var ranks = RecycleOrder.Ranks(workloads, w => w.Name == "gatekeeper").ToList();

        Assert.Equal(
            ["flannel", "coredns", "gatekeeper", "csi-nfs-node rook-ceph-osd-0", "web"],
            ranks.Select(r => string.Join(' ', r.Workloads.Select(w => w.Name)))
        );
        Assert.Equal([false, false, false, true, false], ranks.Select(r => r.OneAtATime));
    }

    [Theory]
    [InlineData("kube-system", "kube-proxy-x", true, true)]
    [InlineData("kube-system", "my-calico-debugger", false, false)]
    [InlineData("shop", "coredns-clone", true, false)]
    [InlineData("kube-system", "metrics", true, false)]
    public void Infrastructure_pods_are_deleted_in_system_namespaces_only_and_only_where_a_controller_makes_them_again(
        string space,
        string name,
        bool controlled,
        bool deleted
    )
    {
        var pod = new PodState
        {
            Namespace = space,
            Name = name,
            Status = "Running",
            IsControlled = controlled,
            IsOwnedByWorkload = controlled,
        };

        Assert.Equal(deleted, RecycleOrder.IsDeleted(pod, new RecycleSettings { Workloads = false }));
    }

    [Theory]
    [InlineData("Failed", "Evicted")]
    [InlineData("Succeeded", null)]
    public void A_pod_that_ended_or_was_evicted_is_waited_for_no_more(string phase, string? reason)
    {
        var pod = PodState.From(
            JsonNode
                .Parse(
                    $$$"""
                    {"metadata": {"name": "web-1", "namespace": "shop", "ownerReferences": [{"kind": "ReplicaSet", "controller": true}]},
                     "status": {"phase": "{{{phase}}}", "reason": "{{{reason}}}"} }
                    """
                )!
                .AsObject()
        );

        Assert.True(pod.IsDone);
        Assert.True(pod.IsControlled);
    }

    [Theory]
    [InlineData(2, 1, null)]
    [InlineData(0, 1, "1 of 3 pods are updated")]
    public void Pods_below_a_stateful_sets_partition_keep_their_older_template(int partition, int updated, string? why)
    {
        var item = JsonNode
            .Parse(
                $$$"""
                {"metadata": {"name": "db", "namespace": "shop", "generation": 1},
                 "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": {{{partition}}} } } },
                 "status": {"observedGeneration": 1, "updatedReplicas": {{{updated}}}, "readyReplicas": 3} }
                """
            )!
            .AsObject();

        Assert.Equal(why, Workload.From("statefulsets", item).NotReady);
    }

    [Fact]
    public void A_namespaces_authority_counts_where_it_is_one_of_the_kubeconfigs()
    {
        const string Own = "-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n";
        const string Other = "-----BEGIN CERTIFICATE-----\nT1RI\n-----END CERTIFICATE-----\n";

        Assert.True(ClusterInfo.HasAnyOf(Own.Replace("\n", "\r\n", StringComparison.Ordinal), Other + Own));
        Assert.False(ClusterInfo.HasAnyOf(Other, Own));
    }

    private static Workload Load(string kind, string space, string name) =>
        new()
        {
            Kind = kind,
            Namespace = space,
            Name = name,
            Path = $"/{space}/{name}",
        };

    private static EtcdDrException Refused(string id) =>
        new(id, EtcdDrErrorCategory.OperationTimeout, "It was not answered.", "Try again.", "here");
}
