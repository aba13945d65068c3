using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Kube;

public sealed class KubeWriteTests
{
    private static readonly KubeResource Deployments = new("apps", "v1", "deployments", "Deployment");

    [Theory]
    [InlineData(KubePatch.Merge, "application/merge-patch+json")]
    [InlineData(KubePatch.StrategicMerge, "application/strategic-merge-patch+json")]
    [InlineData(KubePatch.Json, "application/json-patch+json")]
    public async Task A_patch_says_how_it_is_merged(KubePatch kind, string mediaType)
    {
        var seen = "";
        await using var server = await StartAsync(context => seen = context.Request.ContentType);
        await using var api = await ConnectAsync(server);

        await api.PatchAsync(
            Deployments.PathOf("default", "web"),
            new JsonObject(),
            kind,
            CancellationToken.None,
            new KubeWrite { DryRun = true }
        );

        Assert.Equal($"{mediaType}; charset=utf-8", seen);
        Assert.Equal(["PATCH /apis/apps/v1/namespaces/default/deployments/web?dryRun=All"], server.Requests);
    }

    [Fact]
    public async Task Server_side_apply_names_who_applies_and_may_take_conflicts_over_or_only_try()
    {
        var seen = "";
        await using var server = await StartAsync(context => seen = context.Request.ContentType);
        await using var api = await ConnectAsync(server);
        var how = new KubeWrite
        {
            FieldManager = "etcddr",
            Force = true,
            DryRun = true,
        };

        await api.ApplyAsync(Deployments.PathOf("default", "web"), new JsonObject { ["kind"] = "Deployment" }, how, CancellationToken.None);

        Assert.Equal("application/apply-patch+yaml; charset=utf-8", seen);
        Assert.Equal(["PATCH /apis/apps/v1/namespaces/default/deployments/web?dryRun=All&fieldManager=etcddr&force=true"], server.Requests);
    }

    [Fact]
    public async Task A_json_patch_is_not_repeated_by_itself_and_an_apply_is()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", 503));
        await using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<EtcdDrException>(() => api.PatchAsync("/patch", new JsonArray(), KubePatch.Json, CancellationToken.None));
        await Assert.ThrowsAsync<EtcdDrException>(() =>
            api.ApplyAsync("/apply", [], new KubeWrite { FieldManager = "f" }, CancellationToken.None)
        );

        Assert.Single(server.Requests, r => r.StartsWith("PATCH /patch", StringComparison.Ordinal));
        Assert.Equal(TestKubeServer.Quick.Attempts, server.Requests.Count(r => r.StartsWith("PATCH /apply", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Only_the_object_that_is_meant_is_deleted()
    {
        var body = "";
        await using var server = await TestKubeServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            body = await reader.ReadToEndAsync();
            await TestKubeServer.WriteJsonAsync(context, """{"message": "the UID differs"}""", 409);
        });
        await using var api = await ConnectAsync(server);
        var how = new KubeDelete
        {
            Uid = "u",
            ResourceVersion = "5",
            Propagation = "Foreground",
            DryRun = true,
        };

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => api.DeleteAsync("/x", how, CancellationToken.None));

        Assert.Equal("KubeApiConflict", error.ErrorId);
        // The API server does not look at the query of a deletion that has a body.
        Assert.Equal(["DELETE /x"], server.Requests);
        var options = JsonNode.Parse(body)!;
        Assert.Equal(("u", "5"), ((string?)options["preconditions"]!["uid"], (string?)options["preconditions"]!["resourceVersion"]));
        Assert.Equal(("Foreground", "All"), ((string?)options["propagationPolicy"], (string?)options["dryRun"]![0]));
    }

    [Fact]
    public void A_resource_makes_the_paths_of_its_lists_and_objects()
    {
        var nodes = new KubeResource("", "v1", "nodes", "Node");

        Assert.Equal("/api/v1/nodes/n1", nodes.PathOf(null, "n1"));
        Assert.Equal("/apis/apps/v1/deployments", Deployments.PathIn(null));
        Assert.Equal("/apis/apps/v1/namespaces/default/deployments", Deployments.PathIn("default"));
        Assert.Equal(
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
            new KubeResource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole").PathOf(null, "system:node")
        );
        Assert.Equal(("v1", "apps/v1"), (nodes.ApiVersion, Deployments.ApiVersion));
    }

    private static Task<TestKubeServer> StartAsync(Action<HttpContext> look) =>
        TestKubeServer.StartAsync(context =>
        {
            look(context);
            return TestKubeServer.WriteJsonAsync(context, "{}");
        });

    private static Task<KubeApi> ConnectAsync(TestKubeServer server) =>
        KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);
}
