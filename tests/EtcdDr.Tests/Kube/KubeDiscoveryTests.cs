using EtcdDr.Engine.Kube;

namespace EtcdDr.Tests.Kube;

public sealed class KubeDiscoveryTests
{
    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/apis"] = """
            {"groups": [{"name": "shop.example", "versions": [{"groupVersion": "shop.example/v1beta1",
              "version": "v1beta1"}, {"groupVersion": "shop.example/v1", "version": "v1"}],
            "preferredVersion": {"groupVersion": "shop.example/v1", "version": "v1"}},
            {"name": "metrics.k8s.io", "versions": [{"groupVersion": "metrics.k8s.io/v1beta1", "version": "v1beta1"}]}]}
            """,
        ["/apis/apiregistration.k8s.io/v1/apiservices"] = """
            {"items": [{"metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": {"service": {"name": "metrics"}}},
              {"metadata": {"name": "v1.shop.example"}, "spec": {}}]}
            """,
        ["/api/v1"] = """
            {"resources": [{"name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["get", "list"]},
              {"name": "pods/log", "kind": "Pod", "namespaced": true, "verbs": ["get"]}]}
            """,
        ["/apis/shop.example/v1"] = """{"resources": [{"name": "carts", "kind": "Cart", "namespaced": false, "verbs": ["list"]}]}""",
        ["/apis/metrics.k8s.io/v1beta1"] =
            """{"resources": [{"name": "nodes", "kind": "NodeMetrics", "namespaced": false, "verbs": ["list"]}]}""",
    };

    [Fact]
    public async Task Groups_come_with_the_preferred_version_first_and_one_that_cannot_be_asked_says_so()
    {
        await using var server = await StartAsync();
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);

        var versions = await KubeDiscovery.ReadAsync(api, withAggregated: true, CancellationToken.None);

        Assert.Equal(
            [
                ("", "v1", true, false),
                ("shop.example", "v1", true, false),
                ("shop.example", "v1beta1", false, false),
                ("metrics.k8s.io", "v1beta1", false, true),
            ],
            versions.Select(v => (v.Group, v.Version, v.IsPreferred, v.IsAggregated))
        );
        var pods = Assert.Single(versions[0].Resources);
        Assert.Equal(("Pod", true, "get,list"), (pods.Kind, pods.IsNamespaced, string.Join(',', pods.Verbs)));
        Assert.Equal("KubeApiNotFound", versions[2].Failure?.ErrorId);
        Assert.Equal("NodeMetrics", Assert.Single(versions[3].Resources).Kind);
    }

    [Fact]
    public async Task Other_servers_are_not_asked_where_only_what_the_cluster_keeps_is_wanted()
    {
        await using var server = await StartAsync();
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);

        var versions = await KubeDiscovery.ReadAsync(api, withAggregated: false, CancellationToken.None);

        Assert.Empty(versions[3].Resources);
        Assert.DoesNotContain(server.Requests, r => r.Contains("metrics.k8s.io", StringComparison.Ordinal));
    }

    private static Task<TestKubeServer> StartAsync() =>
        TestKubeServer.StartAsync(context =>
            Answers.TryGetValue(context.Request.Path.Value!, out var answer)
                ? TestKubeServer.WriteJsonAsync(context, answer)
                : TestKubeServer.WriteJsonAsync(context, """{"message": "not here"}""", 404)
        );
}
