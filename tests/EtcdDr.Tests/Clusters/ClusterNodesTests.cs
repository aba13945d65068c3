using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Kube;

namespace EtcdDr.Tests.Clusters;

public sealed class ClusterNodesTests
{
    private const string Nodes = """
        {"items": [
          {"metadata": {"name": "w1", "labels": {}}, "status": {"addresses": [{"type": "Hostname", "address": "w1"},
            {"type": "InternalIP", "address": "10.0.0.21"}]}},
          {"metadata": {"name": "m2", "labels": {"node-role.kubernetes.io/master": ""}},
            "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.12"}]}},
          {"metadata": {"name": "m1", "labels": {"node-role.kubernetes.io/control-plane": ""}},
            "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.11"}]}},
          {"metadata": {"name": "w2"}}
        ]}
        """;

    [Fact]
    public async Task The_api_tells_roles_and_addresses_and_the_profiles_addresses_win()
    {
        var sink = new RecordingSink();
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, Nodes));
        var cluster = server.Cluster() with
        {
            NodeAddresses = new Dictionary<string, string> { ["m1"] = "192.168.7.1", ["gone"] = "192.168.7.2" },
        };

        var nodes = await GetAsync(cluster, sink);

        Assert.Equal(
            [
                new ClusterNode("m1", NodeRole.ControlPlane, "192.168.7.1"),
                new ClusterNode("m2", NodeRole.ControlPlane, "10.0.0.12"),
                new ClusterNode("w1", NodeRole.Worker, "10.0.0.21"),
                new ClusterNode("w2", NodeRole.Worker, "w2"),
            ],
            nodes
        );
        Assert.Contains("gone", Assert.Single(sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_names_control_plane_nodes_is_enough_and_the_api_is_not_asked()
    {
        var cluster = new EtcdCluster
        {
            Name = "dead",
            Kubeconfig = "/none",
            Context = "none",
            Server = new Uri("https://none.invalid"),
            Nodes = [new ClusterNode("w1", NodeRole.Worker, "10.0.0.21"), new ClusterNode("m1", NodeRole.ControlPlane, "10.0.0.11")],
        };

        Assert.Equal(["m1", "w1"], (await GetAsync(cluster, new RecordingSink())).Select(n => n.Name));
    }

    [Fact]
    public async Task A_cluster_without_control_plane_nodes_is_an_error()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, """{"items": [{"metadata": {"name": "w1"}}]}""")
        );
        var cluster = server.Cluster();

        Assert.Equal(
            "ControlPlaneNodesNotFound",
            (await Assert.ThrowsAsync<EtcdDrException>(() => GetAsync(cluster, new RecordingSink()))).ErrorId
        );
    }

    private static async Task<IReadOnlyList<ClusterNode>> GetAsync(EtcdCluster cluster, RecordingSink sink)
    {
        await using var session = new ClusterSession(cluster, new OperationContext(sink), new LocalHostFactory());
        return await ClusterNodes.GetAsync(session, null, CancellationToken.None);
    }
}
