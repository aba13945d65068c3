using EtcdDr.Lab.ApiServer;
using EtcdDr.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Played;

/// <summary>The played apiserver's own rules for requests, over objects in memory: no etcd, no certificates, no limits to who
/// asks.</summary>
internal sealed class MemoryApiServer : IAsyncDisposable
{
    private const string Root = "/registry";

    private readonly MemoryStore _store = new();
    private readonly Authentication _authentication;
    private readonly CancellationTokenSource _stop = new();
    private readonly ApiHandler _handler;
    private TestKubeServer _server = null!;

    private MemoryApiServer()
    {
        var flags = new ApiServerFlags(["--service-cluster-ip-range=10.96.0.0/16"]);
        _authentication = new Authentication(flags, _store, Root);
        _handler = new ApiHandler(
            _store,
            Root,
            flags,
            _authentication,
            new WebhookAdmission(_store, Root),
            new OrderedFaults(Path.Combine(Path.GetTempPath(), "there-are-no-faults")),
            _stop.Token
        );
    }

    /// <summary>The cluster.</summary>
    public EtcdCluster Cluster { get; private set; } = null!;

    /// <summary>What has been asked, as <c>GET /path?query</c>.</summary>
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

    /// <summary>Answers a request in its place, where it does.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    public static async Task<MemoryApiServer> StartAsync()
    {
        var server = new MemoryApiServer();
        server._server = await TestKubeServer.StartAsync(server.AnswerAsync);
        server.Cluster = server._server.Cluster();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server.DisposeAsync();
        _authentication.Dispose();
        _store.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            if (Instead is not null && await Instead(context))
                return;
            var path = context.Request.Path.Value ?? "/";
            if (RequestInfo.Parse(path) is { } request)
            {
                await _handler.HandleAsync(context, request);
                return;
            }

            IReadOnlyList<Resource> all = [.. Resources.BuiltIn, .. await _handler.CustomAsync(context.RequestAborted)];
            await ApiHandler.WriteAsync(context, 200, Discovery.Answer(path, all) ?? throw StatusException.NoPath());
        }
        catch (StatusException failure)
        {
            await ApiHandler.WriteAsync(context, failure.Code, failure.ToStatus());
        }
    }
}
