using EtcdDr.Engine.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Kube;

public sealed class KubeWatchTests
{
    private const string List = """{"kind": "List", "metadata": {"resourceVersion": "10"}, "items": [{"metadata": {"name": "a"}}]}""";

    [Fact]
    public async Task A_watch_lists_first_and_then_follows_over_connections_that_end_or_end_in_the_middle_of_a_line()
    {
        await using var server = await StartAsync(
            (_, response) => EventsAsync(response, Event("ADDED", "b", 11), Event("BOOKMARK", "", 12)),
            (_, response) => EventsAsync(response, Event("MODIFIED", "b", 13), """{"type": "MODIF"""),
            (_, response) => EventsAsync(response, Event("DELETED", "a", 14))
        );
        await using var api = await ConnectAsync(server);

        var seen = await TakeAsync(api.WatchAsync("/api/v1/pods", labelSelector: "app=web"), 5);

        Assert.Equal(["Added a", "Listed ", "Added b", "Modified b", "Deleted a"], seen);
        Assert.Equal(["10", "12", "13"], server.Requests.Where(r => r.Contains("watch=true", StringComparison.Ordinal)).Select(Version));
        Assert.All(server.Requests, r => Assert.Contains("labelSelector=app%3Dweb", r, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_whose_place_the_server_has_forgotten_lists_once_more(bool inStream)
    {
        const string Gone = """{"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}""";
        await using var server = await StartAsync(
            (context, response) =>
                inStream
                    ? EventsAsync(response, $$"""{"type": "ERROR", "object": {{Gone}}}""")
                    : TestKubeServer.WriteJsonAsync(context, Gone, 410),
            (_, response) => EventsAsync(response, Event("ADDED", "c", 15))
        );
        await using var api = await ConnectAsync(server);

        var seen = await TakeAsync(api.WatchAsync("/api/v1/pods"), 6);

        Assert.Equal(["Added a", "Listed ", "Restarted ", "Added a", "Listed ", "Added c"], seen);
    }

    [Fact]
    public async Task A_watch_that_is_forbidden_is_an_error()
    {
        await using var server = await StartAsync((context, _) => TestKubeServer.WriteJsonAsync(context, """{"message": "no"}""", 403));
        await using var api = await ConnectAsync(server);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(api.WatchAsync("/api/v1/pods"), 3));

        Assert.Equal("KubeApiForbidden", error.ErrorId);
    }

    [Fact]
    public async Task A_quiet_watch_ends_with_whoever_waits_for_it()
    {
        var watching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(
            async (context, response) =>
            {
                await EventsAsync(response);
                watching.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        );
        await using var api = await ConnectAsync(server);
        using var stop = new CancellationTokenSource();

        var reading = TakeAsync(api.WatchAsync("/api/v1/pods", cancellationToken: stop.Token), 3);
        await watching.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static string Event(string type, string name, int version) =>
        $$$"""{"type": "{{{type}}}", "object": {"metadata": {"name": "{{{name}}}", "resourceVersion": "{{{version}}}"} } }""";

    private static string Version(string request) => request.Split("resourceVersion=")[1].Split('&')[0];

    private static async Task EventsAsync(HttpResponse response, params string[] events)
    {
        response.ContentType = "application/json";
        await response.WriteAsync(string.Concat(events.Select(e => e.EndsWith('}') ? e + "\n" : e)));
        await response.Body.FlushAsync();
    }

    // Answers lists with one object and the watches one after the other.
    private static Task<TestKubeServer> StartAsync(params Func<HttpContext, HttpResponse, Task>[] watches)
    {
        var next = 0;
        return TestKubeServer.StartAsync(context =>
            context.Request.Query.ContainsKey("watch")
                ? watches[Math.Min(next++, watches.Length - 1)](context, context.Response)
                : TestKubeServer.WriteJsonAsync(context, List)
        );
    }

    private static Task<KubeApi> ConnectAsync(TestKubeServer server) =>
        KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);

    private static async Task<List<string>> TakeAsync(IAsyncEnumerable<KubeEvent> events, int count)
    {
        var seen = new List<string>();
        await foreach (var change in events)
        {
            seen.Add($"{change.Type} {(string?)change.Item?["metadata"]?["name"]}");
            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }
}
