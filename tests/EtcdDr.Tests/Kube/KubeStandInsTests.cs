using EtcdDr.Engine.Kube;

namespace EtcdDr.Tests.Kube;

/// <summary>A kubeconfig that the restored state refuses: the nodes' own administrators are asked.</summary>
public sealed class KubeStandInsTests
{
    private readonly List<string> _told = [];
    private readonly List<string> _tokens = [];
    private int _looked;

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Where_the_operators_kubeconfig_is_refused_a_nodes_own_admin_conf_goes_on_and_that_is_said_once(int status)
    {
        await using var server = await StartAsync(status, "admin");
        await using var api = await ConnectAsync(server, User("cp1:/etc/kubernetes/admin.conf", "admin"));

        await api.GetAsync("/x", CancellationToken.None);
        await api.GetAsync("/y", CancellationToken.None);

        Assert.Equal(["Bearer secret-token", "Bearer admin", "Bearer admin"], _tokens);
        Assert.Equal(1, _looked);
        Assert.Contains("cp1:/etc/kubernetes/admin.conf, read into memory only", Assert.Single(_told), StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", _told[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_admin_conf_is_refused_as_well_super_admin_conf_goes_on()
    {
        await using var server = await StartAsync(403, "super");
        await using var api = await ConnectAsync(server, User("admin.conf", "admin"), User("super-admin.conf", "super"));

        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(["Bearer secret-token", "Bearer admin", "Bearer super"], _tokens);
        Assert.Contains("super-admin.conf", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_all_are_refused_the_first_refusal_is_the_error_and_all_of_them_are_named()
    {
        await using var server = await StartAsync(401, "nobody");
        await using var api = await ConnectAsync(server, User("admin.conf", "admin"), User("super-admin.conf", "super"));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None));
        await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None));

        Assert.Equal("KubeApiUnauthorized", error.ErrorId);
        Assert.Contains("so are admin.conf, super-admin.conf", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_looked_for_while_the_operators_kubeconfig_is_let_in()
    {
        await using var server = await StartAsync(401, "secret-token");
        await using var api = await ConnectAsync(server, User("admin.conf", "admin"));

        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(0, _looked);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Lists_and_watches_go_on_as_the_nodes_administrator_too()
    {
        await using var server = await StartAsync(403, "admin");
        await using var api = await ConnectAsync(server, User("admin.conf", "admin"));

        await foreach (var _ in api.ListAsync("/api/v1/pods")) { }

        Assert.Equal(["Bearer secret-token", "Bearer admin"], _tokens);
    }

    [Theory]
    [InlineData("exec: {command: /tmp/evil}")]
    [InlineData("client-certificate: /etc/passwd, client-key: /etc/shadow")]
    [InlineData("token: x, tokenFile: /etc/shadow")]
    public void A_nodes_kubeconfig_that_names_programs_or_files_is_used_by_nobody(string user) =>
        Assert.Null(KubeUser.Read("admin.conf", Kubeconfig(user)));

    private static KubeUser User(string place, string token) => KubeUser.Read(place, Kubeconfig($"token: {token}"))!;

    private static string Kubeconfig(string user) =>
        $$$"""
            apiVersion: v1
            kind: Config
            current-context: a@b
            clusters: [{name: b, cluster: {server: "https://10.0.0.1:6443"}}]
            contexts: [{name: a@b, context: {cluster: b, user: a}}]
            users: [{name: a, user: { {{{user}}} } }]
            """;

    private Task<TestKubeServer> StartAsync(int status, string letIn) =>
        TestKubeServer.StartAsync(context =>
        {
            var token = context.Request.Headers.Authorization.ToString();
            _tokens.Add(token);
            return token == $"Bearer {letIn}"
                ? TestKubeServer.WriteJsonAsync(context, """{"kind": "List", "metadata": {"resourceVersion": "1"}, "items": []}""")
                : TestKubeServer.WriteJsonAsync(context, """{"kind": "Status", "message": "not you"}""", status);
        });

    private Task<KubeApi> ConnectAsync(TestKubeServer server, params KubeUser[] users) =>
        KubeApi.ConnectByRoutesAsync(
            server.Cluster(),
            [new KubeRoute(endpoint: null)],
            CancellationToken.None,
            TestKubeServer.Quick,
            new KubeStandIns(
                _ =>
                {
                    _looked++;
                    return Task.FromResult<IReadOnlyList<KubeUser>>(users);
                },
                _told.Add
            )
        );
}
