using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EtcdDr.Engine.Kube;
using EtcdDr.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Restore;

/// <summary>An API of a test with objects that are listed, watched and patched; it says what was asked of it.</summary>
internal sealed class PlayedApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Collection, Channel<string> Events)> _watches = [];
    private readonly TestKubeServer _server;
    private int _version = 10;

    private PlayedApi(TestKubeServer server, KubeApi api) => (_server, Api) = (server, api);

    public KubeApi Api { get; }

    /// <summary>Requests, without what varies.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_server.Requests)
            {
                return [.. _server.Requests];
            }
        }
    }

    /// <summary>Objects that were patched, in their order.</summary>
    public ConcurrentQueue<string> Patched { get; } = new();

    /// <summary>What comes of a patch; null for a change of generation.</summary>
    public Func<string, int?> Refuse { get; set; } = _ => null;

    /// <summary>What is done after a patch that was taken.</summary>
    public Action<string> AfterPatch { get; set; } = _ => { };

    public static async Task<PlayedApi> StartAsync()
    {
        PlayedApi? played = null;
        var server = await TestKubeServer.StartAsync(context => played!.AnswerAsync(context));
        played = new PlayedApi(
            server,
            await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick)
        );
        return played;
    }

    /// <summary>Puts an object there, or changes it.</summary>
    public void Put(string path, string json)
    {
        var item = (JsonObject)JsonNode.Parse(json)!;
        var parts = path.Split('/');
        var metadata = item["metadata"] as JsonObject ?? [];
        item["metadata"] = metadata;
        metadata["name"] = parts[^1];
        if (Array.IndexOf(parts, "namespaces") is var at and > 0)
        {
            metadata["namespace"] = parts[at + 1];
        }

        Store(path, item);
    }

    /// <summary>A workload of apps/v1 with one replica, rolled out or not.</summary>
    public void PutWorkload(string plural, string space, string name, bool ready, long generation = 1, string template = "{}") =>
        Put(
            $"/apis/apps/v1/namespaces/{space}/{plural}/{name}",
            $$$"""
            {"metadata": {"generation": {{{generation}}} }, "spec": {"replicas": 1, "template": {{{template}}} },
             "status": {"observedGeneration": {{{generation}}}, "updatedReplicas": 1, "availableReplicas": {{{(ready ? 1 : 0)}}},
                        "readyReplicas": {{{(ready ? 1 : 0)}}}, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1,
                        "numberAvailable": {{{(ready ? 1 : 0)}}} } }
            """
        );

    /// <summary>Says that a workload is rolled out, or is not.</summary>
    public void SetReady(string path, bool ready)
    {
        var parts = path.Split('/');
        PutWorkload(parts[6], parts[5], parts[7], ready, Generation(_objects[path]));
    }

    public async ValueTask DisposeAsync()
    {
        lock (_watches)
        {
            _watches.ForEach(w => w.Events.Writer.TryComplete());
        }

        await Api.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static long Generation(JsonObject item) => item["metadata"]?["generation"]?.GetValue<long>() ?? 0;

    // Where the path names a namespace, the same collection of all namespaces is meant as well.
    private static bool IsIn(string collection, string path)
    {
        var parts = path[..path.LastIndexOf('/')];
        return parts == collection
            || (
                parts.Split("/namespaces/") is [var group, var rest]
                && $"{group}/{rest[(rest.IndexOf('/', StringComparison.Ordinal) + 1)..]}" == collection
            );
    }

    private void Store(string path, JsonObject item)
    {
        var version = Interlocked.Increment(ref _version);
        item["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        var type = _objects.ContainsKey(path) ? "MODIFIED" : "ADDED";
        _objects[path] = item;
        lock (_watches)
        {
            foreach (var (_, events) in _watches.Where(w => IsIn(w.Collection, path)))
            {
                events.Writer.TryWrite(new JsonObject { ["type"] = type, ["object"] = item.DeepClone() }.ToJsonString());
            }
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (context.Request.Method == "PATCH")
        {
            await PatchAsync(context, path);
        }
        else if (context.Request.Query.ContainsKey("watch"))
        {
            await WatchAsync(context, path);
        }
        else if (_objects.TryGetValue(path, out var one))
        {
            await TestKubeServer.WriteJsonAsync(context, one.ToJsonString());
        }
        else
        {
            var items = new JsonArray([.. _objects.Where(o => IsIn(path, o.Key)).Select(o => o.Value.DeepClone())]);
            var list = new JsonObject
            {
                ["kind"] = "List",
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" },
                ["items"] = items,
            };
            await TestKubeServer.WriteJsonAsync(context, list.ToJsonString());
        }
    }

    private async Task PatchAsync(HttpContext context, string path)
    {
        if (Refuse(path) is { } status)
        {
            await TestKubeServer.WriteJsonAsync(context, """{"kind": "Status", "message": "the webhook did not answer"}""", status);
            return;
        }

        var item = (JsonObject)_objects[path].DeepClone();
        item["metadata"]!["generation"] = Generation(item) + 1;
        Store(path, item);
        Patched.Enqueue(path[(path.LastIndexOf('/') + 1)..]);
        await TestKubeServer.WriteJsonAsync(context, item.ToJsonString());
        AfterPatch(path);
    }

    private async Task WatchAsync(HttpContext context, string path)
    {
        var events = Channel.CreateUnbounded<string>();
        lock (_watches)
        {
            // What happened between the list and this request comes first, as the version that is asked for says.
            var since = int.Parse(context.Request.Query["resourceVersion"]!, CultureInfo.InvariantCulture);
            foreach (var item in _objects.Where(o => IsIn(path, o.Key) && Version(o.Value) > since).Select(o => o.Value))
            {
                events.Writer.TryWrite(new JsonObject { ["type"] = "MODIFIED", ["object"] = item.DeepClone() }.ToJsonString());
            }

            _watches.Add((path, events));
        }

        context.Response.ContentType = "application/json";
        await context.Response.StartAsync();
        await foreach (var line in events.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        }
    }

    private static int Version(JsonObject item) => int.Parse((string)item["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);
}
