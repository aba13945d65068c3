using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Tests.Played;

[Trait("Category", "Lab")]
public sealed class ApiServerTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Lists_page_at_one_revision_and_follow_the_token_to_the_end()
    {
        var all = await NamespaceAsync("paging");
        for (var i = 0; i < 5; i++)
            await server.Admin.CreateAsync($"{all}/configmaps", Map($"m{i}"), None);
        var names = new List<string>();
        var page = await server.Admin.SendAsync(HttpMethod.Get, $"{all}/configmaps?limit=2", null, null, None);
        var revision = page.Text("metadata", "resourceVersion");
        await server.Admin.CreateAsync($"{all}/configmaps", Map("m9"), None);
        while (true)
        {
            names.AddRange(page.Items("items").Select(i => i.Name()));
            Assert.Equal(revision, page.Text("metadata", "resourceVersion"));
            if (page.Text("metadata", "continue") is not { } token)
                break;
            page = await server.Admin.SendAsync(
                HttpMethod.Get,
                $"{all}/configmaps?limit=2&continue={Uri.EscapeDataString(token)}",
                null,
                null,
                None
            );
        }

        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], names);
    }

    [Fact]
    public async Task A_write_on_an_old_version_is_a_conflict_and_a_second_creation_exists_already()
    {
        var all = await NamespaceAsync("conflicts");
        var made = await server.Admin.CreateAsync($"{all}/configmaps", Map("x"), None);
        await server.Admin.MergeAsync($"{all}/configmaps/x", new JsonObject { ["data"] = new JsonObject { ["a"] = "2" } }, None);

        var conflict = await Assert.ThrowsAsync<ApiException>(() => server.Admin.ReplaceAsync($"{all}/configmaps/x", made, None));
        var exists = await Assert.ThrowsAsync<ApiException>(() => server.Admin.CreateAsync($"{all}/configmaps", Map("x"), None));

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (conflict.Code, exists.Code));
        Assert.Contains("the object has been modified", conflict.Message, StringComparison.Ordinal);
        Assert.Equal("2", (await server.Admin.GetAsync($"{all}/configmaps/x", None)).Text("data", "a"));
    }

    [Fact]
    public async Task A_watch_tells_what_is_added_changed_and_what_leaves_the_selection()
    {
        var all = await NamespaceAsync("watching");
        var list = await server.Admin.SendAsync(HttpMethod.Get, $"{all}/configmaps", null, null, None);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var changes = server
            .Admin.WatchAsync($"{all}/configmaps?labelSelector=on%3Dyes", list.Text("metadata", "resourceVersion")!, limit.Token)
            .GetAsyncEnumerator();
        var map = Map("x");
        map.Make("metadata", "labels")["on"] = "yes";
        await server.Admin.CreateAsync($"{all}/configmaps", Map("other"), None);
        await server.Admin.CreateAsync($"{all}/configmaps", map, None);
        await server.Admin.MergeAsync($"{all}/configmaps/x", new JsonObject { ["data"] = new JsonObject { ["a"] = "2" } }, None);
        await server.Admin.MergeAsync(
            $"{all}/configmaps/x",
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["on"] = null } } },
            None
        );

        var seen = new List<string>();
        while (seen.Count < 3 && await changes.MoveNextAsync())
            seen.Add($"{changes.Current.Text("type")} {changes.Current.Text("object", "metadata", "name")}");

        Assert.Equal(["ADDED x", "MODIFIED x", "DELETED x"], seen);
    }

    [Fact]
    public async Task A_pod_on_a_node_is_deleted_gracefully_and_a_mirror_pod_at_once()
    {
        var all = await NamespaceAsync("graceful");
        var pod = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "p" },
            ["spec"] = new JsonObject { ["nodeName"] = "n1" },
        };
        var mirror = pod.Copy();
        mirror.Make("metadata")["name"] = "mirror";
        mirror.Make("metadata", "annotations")["kubernetes.io/config.mirror"] = "hash";
        await server.Admin.CreateAsync($"{all}/pods", pod, None);
        await server.Admin.CreateAsync($"{all}/pods", mirror, None);

        await server.Admin.DeleteAsync($"{all}/pods/p", null, None);
        await server.Admin.DeleteAsync($"{all}/pods/mirror", null, None);

        var left = await server.Admin.GetAsync($"{all}/pods/p", None);
        Assert.Equal(30, left.Number("metadata", "deletionGracePeriodSeconds"));
        Assert.Null(await server.Admin.GetAsync($"{all}/pods/mirror", None));
        await server.Admin.DeleteAsync($"{all}/pods/p", 0, None);
        Assert.Null(await server.Admin.GetAsync($"{all}/pods/p", None));
    }

    [Fact]
    public async Task Objects_lie_in_etcd_where_the_real_one_puts_them()
    {
        await server.Admin.CreateAsync("/api/v1/nodes", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "layout" } }, None);

        foreach (
            var key in (string[])
                ["/registry/minions/layout", "/registry/services/specs/default/kubernetes", "/registry/namespaces/kube-system"]
        )
        {
            var answer = await server.Etcd.Keys.RangeAsync(
                new Etcdserverpb.RangeRequest { Key = Google.Protobuf.ByteString.CopyFromUtf8(key) }
            );
            Assert.Single(answer.Kvs);
        }
    }

    [Fact]
    public async Task A_custom_resource_is_served_as_soon_as_its_definition_is()
    {
        var all = await NamespaceAsync("custom");
        await server.Admin.CreateAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            JsonNode
                .Parse(
                    """
                    {"metadata":{"name":"foos.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
                      "names":{"plural":"foos","kind":"Foo"},
                    "versions":[{"name":"v1","served":true,"storage":true}]}}
                    """
                )!
                .AsObject(),
            None
        );
        var path = all.Replace("/api/v1", "/apis/example.com/v1", StringComparison.Ordinal);

        await server.Admin.CreateAsync(
            $"{path}/foos",
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "f" },
                ["spec"] = new JsonObject { ["n"] = 1 },
            },
            None
        );

        Assert.Equal("Foo", (await server.Admin.GetAsync($"{path}/foos/f", None)).Text("kind"));
        var discovered = await server.Admin.GetAsync("/apis/example.com/v1", None);
        Assert.Equal("foos", discovered.Items("resources").First().Text("name"));
    }

    [Fact]
    public async Task A_user_without_rights_is_forbidden()
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() =>
            server.Stranger.SendAsync(HttpMethod.Get, "/api/v1/secrets", null, null, None)
        );
        Assert.Equal(HttpStatusCode.Forbidden, refused.Code);
        Assert.Contains("User \"jane\" cannot list resource \"secrets\"", refused.Message, StringComparison.Ordinal);
    }

    private async Task<string> NamespaceAsync(string name)
    {
        await server.Admin.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, None);
        return $"/api/v1/namespaces/{name}";
    }

    private static JsonObject Map(string name) =>
        new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["data"] = new JsonObject { ["a"] = "1" },
        };
}
