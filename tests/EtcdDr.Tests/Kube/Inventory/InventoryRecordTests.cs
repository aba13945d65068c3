using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Tests.Kube.Inventory;

public sealed class InventoryRecordTests
{
    private static readonly KubeResource Deployments = new("apps", "v1", "deployments", "Deployment");
    private static readonly KubeResource Pods = new("", "v1", "pods", "Pod");
    private static readonly KubeResource ConfigMaps = new("", "v1", "configmaps", "ConfigMap");
    private static readonly KubeResource Nodes = new("", "v1", "nodes", "Node");
    private static readonly KubeResource ReplicaSets = new("apps", "v1", "replicasets", "ReplicaSet");
    private static readonly KubeResource Secrets = new("", "v1", "secrets", "Secret");

    [Theory]
    [InlineData(
        """
            {"metadata": {"name": "a", "resourceVersion": "9", "uid": "u2", "generation": 7, "creationTimestamp": "x",
              "managedFields": [{}]}, "spec": {"replicas": 1}}
            """
    )]
    [InlineData("""{"spec": {"replicas": 1, "paused": null}, "metadata": {"name": "a"}, "status": {"readyReplicas": 1}}""")]
    [InlineData(
        """
            {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "a",
              "annotations": {"deployment.kubernetes.io/revision": "3"}}, "spec": {"replicas": 1}}
            """
    )]
    public void What_the_control_plane_rewrites_does_not_count(string json) =>
        Assert.Equal(Digest(Deployments, """{"metadata": {"name": "a"}, "spec": {"replicas": 1}}"""), Digest(Deployments, json));

    [Theory]
    [InlineData("""{"metadata": {"name": "a"}, "spec": {"replicas": 2}}""")]
    [InlineData("""{"metadata": {"name": "a", "labels": {"x": "y"}}, "spec": {"replicas": 1}}""")]
    [InlineData("""{"metadata": {"name": "a", "annotations": {"team": "z"}}, "spec": {"replicas": 1}}""")]
    public void What_people_write_counts(string json) =>
        Assert.NotEqual(Digest(Deployments, """{"metadata": {"name": "a"}, "spec": {"replicas": 1}}"""), Digest(Deployments, json));

    [Fact]
    public void A_restart_of_a_workload_does_not_count() =>
        Assert.Equal(
            Digest(Deployments, """{"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"labels": {"a": "b"}}}}}"""),
            Digest(
                Deployments,
                """
                {"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"creationTimestamp": null,
                  "labels": {"a": "b"}, "annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}}
                """
            )
        );

    [Fact]
    public void Numbers_lists_and_order_of_lists_count()
    {
        Assert.NotEqual(Digest(ConfigMaps, """{"data": {"a": [1, 2]}}"""), Digest(ConfigMaps, """{"data": {"a": [2, 1]}}"""));
        Assert.Equal(Digest(ConfigMaps, """{"data": {"a": 1, "b": "ä"}}"""), Digest(ConfigMaps, """{ "data": {"b": "\u00e4", "a": 1} }"""));
    }

    [Fact]
    public void A_node_loses_annotations_and_transient_taints_and_keeps_labels_and_taints_of_people()
    {
        const string plain = """{"metadata": {"name": "n", "labels": {"zone": "a"}}, "spec": {"podCIDR": "10.244.0.0/24"}}""";

        Assert.Equal(
            Digest(Nodes, plain),
            Digest(
                Nodes,
                """
                {"metadata": {"name": "n", "labels": {"zone": "a"}, "annotations": {"flannel/ip": "10.0.0.1"}},
                  "spec": {"podCIDR": "10.244.0.0/24", "taints": [{"key": "node.kubernetes.io/not-ready"}]}}
                """
            )
        );
        Assert.NotEqual(
            Digest(Nodes, plain),
            Digest(
                Nodes,
                """
                {"metadata": {"name": "n", "labels": {"zone": "a"}}, "spec": {"podCIDR": "10.244.0.0/24",
                  "taints": [{"key": "dedicated"}]}}
                """
            )
        );
    }

    [Theory]
    [InlineData(
        """
            {"metadata": {"name": "p", "labels": {"pod-template-hash": "66f"}, "ownerReferences": [{"controller": true,
              "kind": "ReplicaSet", "name": "web-66f"}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready",
              "status": "True"}]}}
            """,
        "Deployment/web",
        true
    )]
    [InlineData(
        """
            {"metadata": {"name": "p", "ownerReferences": [{"controller": true, "kind": "DaemonSet", "name": "proxy"}]},
              "status": {"phase": "Pending"}}
            """,
        "DaemonSet/proxy",
        false
    )]
    [InlineData(
        """
            {"metadata": {"name": "p", "ownerReferences": [{"controller": true, "kind": "Job", "name": "j"}]},
              "status": {"phase": "Succeeded"}}
            """,
        "Job/j",
        true
    )]
    public void A_pod_counts_by_its_owner_and_readiness(string json, string owner, bool ready)
    {
        var record = Record(Pods, json)!;

        Assert.Equal((owner, ready, null), (record.Owner, record.Ready, record.Sha256));
    }

    [Fact]
    public void A_bare_pod_has_a_digest() => Assert.NotNull(Record(Pods, """{"metadata": {"name": "p"}, "spec": {"x": 1}}""")!.Sha256);

    [Fact]
    public void What_controllers_make_is_left_out_and_what_differs_by_site_counts_by_presence()
    {
        Assert.Null(
            Record(
                ReplicaSets,
                """{"metadata": {"name": "r", "ownerReferences": [{"controller": true, "kind": "Deployment", "name": "d"}]}}"""
            )
        );
        Assert.NotNull(
            Record(
                ReplicaSets,
                """{"metadata": {"name": "r", "ownerReferences": [{"controller": true, "kind": "Rollout", "name": "d"}]}}"""
            )
        );
        Assert.Null(Record(Secrets, """{"metadata": {"name": "bootstrap-token-x"}, "type": "bootstrap.kubernetes.io/token"}"""));
        Assert.Null(Record(ConfigMaps, """{"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": "x"}}""")!.Sha256);
        Assert.Null(Record(ConfigMaps, """{"metadata": {"namespace": "kube-public", "name": "cluster-info"}}""")!.Sha256);
    }

    private static string? Digest(KubeResource resource, string json) => Record(resource, json)!.Sha256;

    private static InventoryRecord? Record(KubeResource resource, string json) =>
        InventoryReader.Record(resource, (JsonObject)JsonNode.Parse(json)!);
}
