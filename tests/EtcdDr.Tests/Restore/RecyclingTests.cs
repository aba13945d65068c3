using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

/// <summary>Restarting what runs after a restore: in ranks, each awaited, and storage one at a time; all by watches.</summary>
public sealed class RecyclingTests
{
    private static readonly HashSet<string> Nobody = [];

    private const string Plugin = """{"spec": {"volumes": [{"hostPath": {"path": "/var/lib/kubelet/plugins/x"}}]}}""";

    [Fact]
    public async Task The_network_is_back_before_names_and_names_before_the_rest()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("deployments", "shop", "web", ready: true);
        played.PutWorkload("deployments", "kube-system", "coredns", ready: true);
        played.PutWorkload("daemonsets", "kube-flannel", "flannel", ready: true);
        var orders = new List<string>();
        played.AfterPatch = path =>
        {
            // Each says a moment later that it is back; what is patched before that came too early.
            orders.Add($"patched {Name(path)}");
            played.SetReady(path, ready: false);
            _ = Task.Run(async () =>
            {
                await Task.Delay(300);
                orders.Add($"back {Name(path)}");
                played.SetReady(path, ready: true);
            });
        };

        await using var readiness = Started(played);
        await Recycling(played, readiness).RunAsync(CancellationToken.None);

        Assert.Equal(["patched flannel", "back flannel", "patched coredns", "back coredns", "patched web", "back web"], orders);
    }

    [Fact]
    public async Task A_network_that_does_not_come_back_holds_the_rest_up_for_a_bounded_time_only()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("deployments", "shop", "web", ready: true);
        played.PutWorkload("daemonsets", "kube-flannel", "flannel", ready: true);
        played.AfterPatch = path => played.SetReady(path, ready: !path.EndsWith("flannel", StringComparison.Ordinal));

        await using var readiness = Started(played);
        await Recycling(played, readiness, TimeSpan.FromSeconds(1)).RunAsync(CancellationToken.None);

        Assert.Equal(["flannel", "web"], played.Patched);
    }

    [Fact]
    public async Task Storage_daemons_are_restarted_one_at_a_time_and_the_next_waits_until_the_last_is_back()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("daemonsets", "longhorn-system", "longhorn-csi-plugin", ready: true, template: Plugin);
        played.PutWorkload("daemonsets", "longhorn-system", "longhorn-manager", ready: true);
        played.PutWorkload("statefulsets", "longhorn-system", "replica", ready: true);
        played.AfterPatch = path => played.SetReady(path, ready: !path.EndsWith("manager", StringComparison.Ordinal));

        await using var readiness = Started(played);
        var recycling = Recycling(played, readiness, TimeSpan.FromSeconds(2));
        await recycling.RunAsync(CancellationToken.None);

        Assert.Equal(["longhorn-csi-plugin", "longhorn-manager"], played.Patched);
        var waits = Assert.Single(recycling.Left);
        Assert.Equal("replica", waits.Name);
        Assert.Contains("DaemonSet longhorn-system/longhorn-manager is not back yet", waits.Reason, StringComparison.Ordinal);

        played.SetReady("/apis/apps/v1/namespaces/longhorn-system/daemonsets/longhorn-manager", ready: true);
        await UntilAsync(() => recycling.Left.Single().Reason.Contains("turn", StringComparison.Ordinal));
        await recycling.RetryAsync(CancellationToken.None);

        Assert.Equal(["longhorn-csi-plugin", "longhorn-manager", "replica"], played.Patched);
        Assert.Empty(recycling.Left);
    }

    [Fact]
    public async Task What_a_dead_webhook_refuses_is_named_and_asked_again_and_the_rest_goes_on()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("deployments", "shop", "api", ready: true);
        played.PutWorkload("deployments", "shop", "web", ready: true);
        played.AfterPatch = path => played.SetReady(path, ready: true);
        played.Refuse = path => path.EndsWith("api", StringComparison.Ordinal) ? 500 : null;

        await using var readiness = Started(played);
        var recycling = Recycling(played, readiness);
        await recycling.RunAsync(CancellationToken.None);

        Assert.Equal(["web"], played.Patched);
        Assert.Contains("the webhook did not answer", Assert.Single(recycling.Left).Reason, StringComparison.Ordinal);

        played.Refuse = _ => null;
        await recycling.RetryAsync(CancellationToken.None);

        Assert.Equal(["web", "api"], played.Patched);
        Assert.Empty(recycling.Left);
    }

    [Fact]
    public async Task However_long_is_waited_the_cluster_is_listed_once()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("deployments", "shop", "web", ready: false);
        played.Put("/api/v1/namespaces/shop/pods/bare", """{"status": {"phase": "Pending"}}""");
        Node(played, "12:00:00");

        await using var readiness = new Readiness(
            played.Api,
            [new ClusterNode("w1", NodeRole.Worker, "10.0.0.9")],
            Nobody,
            TimeProvider.System
        );
        readiness.Start();
        await readiness.LoadAsync(CancellationToken.None);
        Assert.Equal(["Deployment web", "Node w1", "Pod bare"], Looked());
        for (var i = 1; i <= 5; i++)
        {
            Node(played, $"12:00:1{i}");
            await UntilAsync(() => !Looked().Contains("Node w1"));
        }

        played.Put("/api/v1/namespaces/shop/pods/bare", """{"status": {"phase": "Succeeded"}}""");
        played.SetReady("/apis/apps/v1/namespaces/shop/deployments/web", ready: true);
        await UntilAsync(() => readiness.Look().Count == 0);

        Assert.All(
            played.Requests.Where(r => !r.Contains("watch=true", StringComparison.Ordinal)).CountBy(r => r.Split('?')[0]),
            lists => Assert.Equal(1, lists.Value)
        );

        List<string> Looked() => [.. readiness.Look().Select(l => $"{l.Kind} {l.Name}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task What_was_not_ready_in_the_snapshot_is_no_failure_of_the_restore()
    {
        await using var played = await PlayedApi.StartAsync();
        played.PutWorkload("deployments", "shop", "broken-for-months", ready: false);

        await using var readiness = new Readiness(played.Api, [], Nobody, TimeProvider.System);
        readiness.Start();
        await readiness.RememberAsync(CancellationToken.None);

        Assert.Equal(1, readiness.Remembered);
        Assert.Empty(readiness.Look());
    }

    [Fact]
    public async Task A_node_that_was_given_up_and_what_it_ran_is_not_waited_for()
    {
        await using var played = await PlayedApi.StartAsync();
        played.Put("/api/v1/namespaces/shop/pods/bare", """{"spec": {"nodeName": "w1"}, "status": {"phase": "Pending"}}""");
        played.Put("/api/v1/nodes/w1", """{"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}""");

        await using var readiness = new Readiness(played.Api, [], new HashSet<string> { "w1" }, TimeProvider.System);
        readiness.Start();
        await readiness.LoadAsync(CancellationToken.None);

        Assert.Empty(readiness.Look());
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static void Node(PlayedApi played, string heard) =>
        played.Put(
            "/api/v1/nodes/w1",
            $$$"""{"status": {"conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-23T{{{heard}}}Z"}]}}"""
        );

    private static Readiness Started(PlayedApi played)
    {
        var readiness = new Readiness(played.Api, [], Nobody, TimeProvider.System);
        readiness.Start();
        return readiness;
    }

    private static Recycling Recycling(PlayedApi played, Readiness readiness, TimeSpan? rank = null) =>
        new(
            played.Api,
            new RecycleSettings { InfrastructurePods = [] },
            "2026-11-23T12:00:00Z",
            readiness,
            () => rank ?? TimeSpan.FromMinutes(1),
            new OperationContext(new RecordingSink())
        );

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!isSo())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
