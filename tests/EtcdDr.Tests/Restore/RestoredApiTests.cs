using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Restore;

/// <summary>A restored state may not know whom the kubeconfig names, and it names a leader that runs no more.</summary>
public sealed class RestoredApiTests : IDisposable
{
    private const string LeasePath = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";

    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;
    private readonly RecordingSink _sink = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Where_the_restored_state_does_not_know_the_kubeconfigs_user_the_nodes_own_administrator_takes_over(int refusal)
    {
        await using var server = await TestKubeServer.StartAsync(context => AnswerAsync(context, refusal, "Bearer admin-token"));
        await using var session = Session(server, ("admin.conf", "token: admin-token"));

        await using var api = await RestoredApi.ConnectAsync(session, [Node()], _sink.Warning, CancellationToken.None);

        Assert.NotNull(await api.GetAsync("/api/v1/nodes", CancellationToken.None));
        var warning = Assert.Single(_sink.Warnings);
        Assert.Contains("m1:/etc/kubernetes/admin.conf", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("admin-token", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Super_admin_takes_over_where_the_administrators_role_is_gone_too()
    {
        await using var server = await TestKubeServer.StartAsync(context => AnswerAsync(context, 403, "Bearer super-token"));
        await using var session = Session(server, ("admin.conf", "token: admin-token"), ("super-admin.conf", "token: super-token"));

        await using var api = await RestoredApi.ConnectAsync(session, [Node()], _sink.Warning, CancellationToken.None);

        Assert.NotNull(await api.GetAsync("/api/v1/nodes", CancellationToken.None));
    }

    [Fact]
    public async Task Credentials_that_are_accepted_are_used_and_no_file_of_a_node_is_read()
    {
        await using var server = await TestKubeServer.StartAsync(context => AnswerAsync(context, 401, "Bearer secret-token"));
        await using var session = Session(server);

        await using var api = await RestoredApi.ConnectAsync(session, [Node()], _sink.Warning, CancellationToken.None);

        Assert.NotNull(await api.GetAsync("/api/v1/nodes", CancellationToken.None));
        Assert.Empty(_sink.Warnings);
    }

    [Theory]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [MARK]}")]
    [InlineData("tokenFile: MARK")]
    [InlineData("client-certificate: MARK, client-key: MARK")]
    public async Task A_nodes_kubeconfig_that_names_programs_or_files_of_this_machine_is_not_used(string user)
    {
        var mark = Path.Combine(_directory, "mark");
        await using var server = await TestKubeServer.StartAsync(context => AnswerAsync(context, 401, "Bearer admin-token"));
        await using var session = Session(server, ("admin.conf", user.Replace("MARK", mark, StringComparison.Ordinal)));

        await using var api = await RestoredApi.ConnectAsync(session, [Node()], _sink.Warning, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/api/v1/nodes", CancellationToken.None));
        Assert.Equal("KubeApiUnauthorized", refused.ErrorId);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task A_leader_that_runs_no_more_gives_its_lease_up_so_that_the_next_need_not_wait()
    {
        string? patch = null;
        await using var server = await TestKubeServer.StartAsync(async context =>
        {
            if (context.Request.Method == "PATCH")
            {
                using var reader = new StreamReader(context.Request.Body);
                patch = await reader.ReadToEndAsync();
            }

            var lease = """{"metadata":{"resourceVersion":"7"},"spec":{"holderIdentity":"cp1_of-the-source","leaseDurationSeconds":15}}""";
            await TestKubeServer.WriteJsonAsync(context, context.Request.Path == LeasePath ? lease : "{}");
        });
        await using var session = Session(server);

        var said = await LeaderLeases.ReleaseAsync(session, [Node("kube-controller-manager")], CancellationToken.None);

        Assert.Contains("kube-controller-manager of cp1_of-the-source", said, StringComparison.Ordinal);
        var sent = JsonNode.Parse(patch!)!;
        Assert.Equal("7", (string?)sent["metadata"]!["resourceVersion"]);
        Assert.True(sent["spec"]!.AsObject().TryGetPropertyValue("holderIdentity", out var holder) && holder is null);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_given_up_stops_nothing()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, "{}", context.Request.Path == LeasePath ? 403 : 200)
        );
        await using var session = Session(server);

        var said = await LeaderLeases.ReleaseAsync(session, [Node("kube-controller-manager")], CancellationToken.None);

        Assert.StartsWith("not released", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "namespaces/kube-system/leases/kube-controller-manager")]
    [InlineData(", --leader-elect-resource-name=kcm, --leader-elect-resource-namespace=control", "namespaces/control/leases/kcm")]
    [InlineData(", --leader-elect=false", null)]
    public void Leases_are_those_that_the_manifests_say(string flags, string? expected)
    {
        var paths = LeaderLeases.Paths([Node("kube-controller-manager", flags).Manifests]);

        Assert.Equal(expected is null ? [] : ["/apis/coordination.k8s.io/v1/" + expected], paths);
    }

    private static Task AnswerAsync(HttpContext context, int refusal, string accepted) =>
        TestKubeServer.WriteJsonAsync(context, "{}", context.Request.Headers.Authorization == accepted ? 200 : refusal);

    private static ControlPlaneNode Node(string? component = null, string flags = "")
    {
        var texts = component is null
            ? []
            : new Dictionary<string, string>
            {
                [$"{component}.yaml"] = $$"""
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: {{component}}, namespace: kube-system}
                    spec: {containers: [{name: {{component}}, image: i, command: [{{component}}{{flags}}]}]}
                    """,
            };
        var node = new ClusterNode("m1", NodeRole.ControlPlane, "127.0.0.1");
        return new ControlPlaneNode(
            node,
            NodeManifests.Parse("m1", "/etc/kubernetes/manifests", texts),
            new StaticPodPlace("/etc/kubernetes/manifests", "/etc/kubernetes/etcddr/stopped/manifests", string.Empty, string.Empty),
            []
        );
    }

    // The node's files are in a directory of the test, and its apiserver is the test's.
    private ClusterSession Session(TestKubeServer server, params (string File, string User)[] kubeconfigs)
    {
        foreach (var (file, user) in kubeconfigs)
        {
            File.Copy(server.Cluster(user).Kubeconfig, Path.Combine(_directory, file));
        }

        var host = new LocalHost("m1")
        {
            Rewrite = command => NodeFileCommands.ReadFile.With(Path.Combine(_directory, Path.GetFileName(command.Arguments[0]))),
            Redirect = _ => new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, server.Port),
        };
        return new ClusterSession(server.Cluster(), new OperationContext(_sink), new LocalHostFactory(host));
    }
}
