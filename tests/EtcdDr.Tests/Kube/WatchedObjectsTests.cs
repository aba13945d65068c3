using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Tests.Kube;

public sealed class WatchedObjectsTests
{
    [Fact]
    public async Task While_a_forgotten_watch_lists_once_more_what_was_known_stays_known()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None);
        var changes = 0;
        var watched = new WatchedObjects<string>(api, "/api/v1/pods", o => (string?)o["reason"], () => changes++);
        Added("a");
        Assert.Empty(watched.Items);
        watched.Take(new KubeEvent(KubeEventType.Listed));
        Added("b");

        watched.Take(new KubeEvent(KubeEventType.Restarted));
        Added("c");
        Assert.Equal(["a", "b"], watched.Items.Order(StringComparer.Ordinal));
        watched.Take(new KubeEvent(KubeEventType.Listed));

        Assert.Equal(["c"], watched.Items);
        Assert.Equal(["a"], await watched.FirstAsync(TimeProvider.System, CancellationToken.None));
        Assert.True(changes > 0);

        void Added(string name) => watched.Take(new KubeEvent(KubeEventType.Added, Object(name)));
    }

    [Fact]
    public async Task An_object_that_is_deleted_or_of_which_nothing_is_wanted_any_more_is_forgotten()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None);
        var watched = new WatchedObjects<string>(api, "/api/v1/pods", o => (string?)o["reason"], () => { });
        watched.Take(new KubeEvent(KubeEventType.Added, Object("a")));
        watched.Take(new KubeEvent(KubeEventType.Added, Object("b")));
        watched.Take(new KubeEvent(KubeEventType.Listed));

        watched.Take(new KubeEvent(KubeEventType.Deleted, Object("a")));
        watched.Take(new KubeEvent(KubeEventType.Modified, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "b" } }));

        Assert.Empty(watched.Items);
        Assert.Null(watched.Find(null, "b"));
    }

    [Fact]
    public async Task A_collection_that_is_refused_is_an_error_and_no_endless_wait()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", 403));
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);
        await using var watched = new WatchedObjects<string>(api, "/api/v1/pods", _ => null, () => { });
        watched.Start(TimeProvider.System);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => watched.FirstAsync(TimeProvider.System, CancellationToken.None));

        Assert.Equal("KubeApiForbidden", error.ErrorId);
    }

    private static JsonObject Object(string name) =>
        new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["reason"] = name,
        };
}
