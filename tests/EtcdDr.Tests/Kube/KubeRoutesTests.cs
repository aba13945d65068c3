using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Kube;

public sealed class KubeRoutesTests
{
    private static readonly DnsEndPoint Nobody = new("127.0.0.1", 1);

    [Fact]
    public async Task A_request_that_one_apiserver_does_not_answer_is_asked_of_the_next_and_the_next_request_goes_there_at_once()
    {
        await using var server = await StartAsync();
        await using var api = await ConnectAsync(server, new KubeRoute(Nobody), To(server));

        await api.GetAsync("/x", CancellationToken.None);
        await api.CreateAsync("/y", new JsonObject(), CancellationToken.None);

        Assert.Equal(["GET /x", "POST /y"], server.Requests);
        Assert.Contains($"at 127.0.0.1:{server.Port}", api.DisplayName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_is_made_elsewhere_only_where_the_first_apiserver_cannot_have_made_it()
    {
        await using var busy = await StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", 503));
        await using var away = await ConnectAsync(busy, new KubeRoute(Nobody), To(busy));

        await Assert.ThrowsAsync<EtcdDrException>(() => away.CreateAsync("/x", new JsonObject(), CancellationToken.None));

        Assert.Single(busy.Requests);
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task What_one_apiserver_cannot_do_now_another_does(int status)
    {
        var asked = 0;
        await using var server = await StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, "{}", context.Connection.LocalPort > 0 && ++asked == 1 ? status : 200)
        );
        await using var api = await ConnectAsync(server, To(server), To(server));

        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_request_that_times_out_is_asked_elsewhere()
    {
        await using var silent = await StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default)
        );
        await using var server = await StartAsync();
        var settings = TestKubeServer.Quick with { RequestTimeout = TimeSpan.FromMilliseconds(500) };
        await using var api = await KubeApi.ConnectByRoutesAsync(
            Everywhere(server),
            [To(silent), To(server)],
            CancellationToken.None,
            settings
        );

        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(["GET /x"], server.Requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refusal_is_an_answer_and_no_reason_to_ask_elsewhere(int status)
    {
        await using var server = await StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", status));
        await using var api = await ConnectAsync(server, To(server), To(server));

        await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None));
        Assert.True(await api.ProbeAsync("/readyz", CancellationToken.None));

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_probe_is_true_where_one_of_the_apiservers_is_ready()
    {
        var asked = 0;
        await using var server = await StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", ++asked == 2 ? 200 : 500));
        await using var api = await ConnectAsync(server, new KubeRoute(Nobody), To(server), To(server));

        Assert.True(await api.ProbeAsync("/readyz", CancellationToken.None));
        Assert.False(await api.ProbeAsync("/readyz", CancellationToken.None));
    }

    [Fact]
    public async Task A_forwarded_port_is_opened_when_it_is_needed_and_anew_after_it_broke()
    {
        await using var server = await StartAsync();
        var ports = new List<FakePort>();
        var route = new KubeRoute(_ =>
        {
            ports.Add(new FakePort(ports.Count == 0 ? 1 : server.Port));
            return Task.FromResult<IForwardedPort>(ports[^1]);
        });
        await using (var api = await ConnectAsync(server, route, new KubeRoute(Nobody)))
        {
            Assert.Empty(ports);
            await api.GetAsync("/x", CancellationToken.None);
        }

        Assert.Equal([true, true], ports.Select(p => p.IsClosed));
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_is_the_error_where_there_is_no_other_way()
    {
        await using var server = await StartAsync();
        var lost = new EtcdDrException("ConnectionLost", EtcdDrErrorCategory.ConnectionError, "The node is away.", "Wait.", "cp1");
        await using var api = await ConnectAsync(server, new KubeRoute(_ => Task.FromException<IForwardedPort>(lost)));

        Assert.Same(lost, await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None)));
    }

    private static Task<TestKubeServer> StartAsync(Func<Microsoft.AspNetCore.Http.HttpContext, Task>? answer = null) =>
        TestKubeServer.StartAsync(context => answer is null ? TestKubeServer.WriteJsonAsync(context, "{}") : answer(context));

    private static KubeRoute To(TestKubeServer server) => new(new DnsEndPoint("127.0.0.1", server.Port));

    // All test servers have certificates of their own.
    private static EtcdCluster Everywhere(TestKubeServer server) => server.Cluster(cluster: ", insecure-skip-tls-verify: true");

    private static Task<KubeApi> ConnectAsync(TestKubeServer server, params KubeRoute[] routes) =>
        KubeApi.ConnectByRoutesAsync(server.Cluster(), routes, CancellationToken.None, TestKubeServer.Quick);

    private sealed class FakePort(int port) : IForwardedPort
    {
        public bool IsClosed { get; private set; }

        public int Port => port;

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return ValueTask.CompletedTask;
        }
    }
}
