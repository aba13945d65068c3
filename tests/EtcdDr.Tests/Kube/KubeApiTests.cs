using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Kube;

public sealed class KubeApiTests
{
    [Fact]
    public async Task The_address_is_dialled_and_the_kubeconfigs_name_is_checked()
    {
        string? host = null;
        await using var server = await TestKubeServer.StartAsync(context =>
        {
            host = context.Request.Host.Value;
            return TestKubeServer.WriteJsonAsync(
                context,
                """{"gitVersion": "v1.36.1", "major": "1", "minor": "36+", "platform": "linux/amd64"}"""
            );
        });
        await using var api = await ConnectAsync(server.Cluster());

        var version = await api.VersionAsync(CancellationToken.None);

        Assert.Equal(new KubeVersion("v1.36.1", 1, 36, "linux/amd64"), version);
        Assert.Equal($"{TestKubeServer.ServerName}:6443", host);
    }

    [Fact]
    public async Task A_forwarded_port_is_dialled_in_place_of_the_address()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        var cluster = server.Cluster() with { ServerAddress = "192.0.2.1:1" };
        await using var api = await KubeApi.ConnectAsync(
            cluster,
            CancellationToken.None,
            new DnsEndPoint("127.0.0.1", server.Port),
            TestKubeServer.Quick
        );

        Assert.Empty(await api.GetAsync("/x", CancellationToken.None));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using var other = new TestCertificates("other-ca");
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        await using var api = await ConnectAsync(server.Cluster(authorityPem: other.AuthorityPem));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None));

        Assert.Equal("KubeApiCertificateUntrusted", error.ErrorId);
        Assert.Contains("CN=test-ca", error.Message, StringComparison.Ordinal);
        Assert.False(await api.ProbeAsync("/readyz", CancellationToken.None));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_tls_server_name_says_so()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"), "kubernetes");
        await using var strict = await ConnectAsync(server.Cluster());
        await using var named = await ConnectAsync(server.Cluster(cluster: ", tls-server-name: kubernetes"));
        await using var wrong = await ConnectAsync(server.Cluster(cluster: ", tls-server-name: elsewhere"));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => strict.GetAsync("/x", CancellationToken.None));
        Assert.Equal("KubeApiCertificateUntrusted", error.ErrorId);
        Assert.Contains($"not for '{TestKubeServer.ServerName}'", error.Message, StringComparison.Ordinal);
        Assert.Empty(await named.GetAsync("/x", CancellationToken.None));
        await Assert.ThrowsAsync<EtcdDrException>(() => wrong.GetAsync("/x", CancellationToken.None));
    }

    [Fact]
    public async Task Nothing_is_checked_where_the_kubeconfig_says_so()
    {
        using var other = new TestCertificates("other-ca");
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"), "kubernetes");
        await using var api = await ConnectAsync(
            server.Cluster(authorityPem: other.AuthorityPem, cluster: ", insecure-skip-tls-verify: true")
        );

        Assert.Empty(await api.GetAsync("/x", CancellationToken.None));
    }

    [Fact]
    public async Task Token_certificate_password_and_impersonation_reach_the_server()
    {
        using var authority = new TestCertificates();
        using var client = authority.Client("CN=admin, O=system:masters");
        await using var server = await TestKubeServer.StartAsync(async context =>
        {
            var certificate = await context.Connection.GetClientCertificateAsync();
            await TestKubeServer.WriteJsonAsync(
                context,
                new JsonObject
                {
                    ["authorization"] = context.Request.Headers.Authorization.ToString(),
                    ["subject"] = certificate?.Subject,
                    ["user"] = context.Request.Headers["Impersonate-User"].ToString(),
                    ["groups"] = context.Request.Headers["Impersonate-Group"].ToString(),
                }.ToJsonString()
            );
        });
        var tokenFile = server.WriteFile("token", "from-file\n");
        server.WriteFile("client.crt", client.ExportCertificatePem());
        server.WriteFile("client.key", TestCertificates.KeyPem(client));

        Assert.Equal("Bearer secret-token", await SeenAsync("token: secret-token", "authorization"));
        Assert.Equal("Bearer from-file", await SeenAsync($"tokenFile: {tokenFile}", "authorization"));
        Assert.Equal("Basic dTpw", await SeenAsync("username: u, password: p", "authorization"));
        Assert.Equal("CN=admin, O=system:masters", await SeenAsync("client-certificate: client.crt, client-key: client.key", "subject"));
        Assert.Equal("jane", await SeenAsync("token: t, as: jane, as-groups: [a, b]", "user"));
        Assert.Equal(
            "a, b",
            (await SeenAsync("token: t, as: jane, as-groups: [a, b]", "groups")).Replace(",b", ", b", StringComparison.Ordinal)
        );

        async Task<string> SeenAsync(string user, string what)
        {
            await using var api = await ConnectAsync(server.Cluster(user));
            return (string)(await api.GetAsync("/x", CancellationToken.None))[what]!;
        }
    }

    [Fact]
    public async Task A_credential_plugin_gets_its_arguments_whole()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, $$"""{"authorization": "{{context.Request.Headers.Authorization}}"}""")
        );
        var plugin = server.WriteFile(
            "plugin.sh",
            """
            printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s+%s"}}' "$1" "$WHO"
            """
        );
        var user =
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, "
            + $$"""args: ["{{plugin}}", "two words"], env: [{name: WHO, value: me}]}""";
        await using var api = await ConnectAsync(server.Cluster(user));

        Assert.Equal("Bearer two words+me", (string?)(await api.GetAsync("/x", CancellationToken.None))["authorization"]);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_read_are_an_error_that_names_user_and_file()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        foreach (
            var user in (string[])
                [
                    "client-certificate: none.crt, client-key: none.key",
                    "client-certificate-data: aGFsbG8=, client-key-data: aGFsbG8=",
                    "client-key-data: aGFsbG8=",
                    "exec: {apiVersion: v1, command: /nonexistent/plugin}",
                    "tokenFile: /nonexistent/token",
                ]
        )
        {
            var cluster = server.Cluster(user);
            var error = await Assert.ThrowsAsync<EtcdDrException>(() => ConnectAsync(cluster));
            Assert.Equal("KubeCredentialFailed", error.ErrorId);
            Assert.Contains("user 'admin'", error.Message, StringComparison.Ordinal);
            Assert.Contains(cluster.Kubeconfig, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_list_comes_page_by_page()
    {
        await using var server = await TestKubeServer.StartAsync(context => WritePageAsync(context, Items(7), 3));
        await using var api = await ConnectAsync(server.Cluster());

        var names = await NamesAsync(api.ListAsync("/api/v1/pods", labelSelector: "app in (a, b)", pageSize: 3));

        Assert.Equal(Items(7), names);
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.Contains("labelSelector=app%20in%20%28a%2C%20b%29", r, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_expired_page_token_goes_on_without_a_gap_or_a_double(bool serverOffersToken)
    {
        var expired = false;
        await using var server = await TestKubeServer.StartAsync(context =>
        {
            if (!expired && context.Request.Query["continue"] == "3")
            {
                expired = true;
                var offer = serverOffersToken ? "\"continue\": \"3\"" : "";
                return TestKubeServer.WriteJsonAsync(
                    context,
                    $$"""{"kind": "Status", "metadata": { {{offer}} }, "reason": "Expired", "message": "too old"}""",
                    410
                );
            }

            return WritePageAsync(context, Items(7), 3);
        });
        await using var api = await ConnectAsync(server.Cluster());

        Assert.Equal(Items(7), await NamesAsync(api.ListAsync("/api/v1/pods", pageSize: 3)));
        Assert.Equal(serverOffersToken ? 4 : 5, server.Requests.Count);
    }

    [Fact]
    public async Task A_list_that_always_expires_is_an_error_at_last()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, """{"message": "too old"}""", 410)
        );
        await using var api = await ConnectAsync(server.Cluster());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => NamesAsync(api.ListAsync("/api/v1/pods")));

        Assert.Equal("KubeApiError", error.ErrorId);
        Assert.Contains("410", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_breaks_off_is_asked_for_again()
    {
        var broken = false;
        await using var server = await TestKubeServer.StartAsync(async context =>
        {
            if (!broken)
            {
                broken = true;
                await context.Response.WriteAsync("""{"kind": "List", "items": [{"metadata": {"name": "item-0"}}, {"metadata": {"na""");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            await WritePageAsync(context, Items(3), 10);
        });
        await using var api = await ConnectAsync(server.Cluster());

        Assert.Equal(Items(3), await NamesAsync(api.ListAsync("/api/v1/pods")));
    }

    [Fact]
    public async Task Objects_larger_than_the_buffer_come_whole()
    {
        var data = new string('x', 1_500_000);
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(
                context,
                $$$"""
                {"items": [{"metadata": {"name": "a"}, "data": "{{{data}}}"}, {"metadata": {"name": "b"},
                  "data": "{{{data}}}"}], "metadata": {"resourceVersion": "5"}}
                """
            )
        );
        await using var api = await ConnectAsync(server.Cluster());
        var lengths = new List<int>();

        await foreach (var item in api.ListAsync("/api/v1/configmaps"))
        {
            lengths.Add(((string)item["data"]!).Length);
        }

        Assert.Equal([data.Length, data.Length], lengths);
    }

    [Fact]
    public async Task What_is_no_list_is_an_error()
    {
        await using var server = await TestKubeServer.StartAsync(context => context.Response.WriteAsync("<html>sign in</html>"));
        await using var api = await ConnectAsync(server.Cluster());

        Assert.Equal("KubeApiError", (await Assert.ThrowsAsync<EtcdDrException>(() => NamesAsync(api.ListAsync("/api/v1/pods")))).ErrorId);
        Assert.Equal("KubeApiError", (await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/x", CancellationToken.None))).ErrorId);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_busy_server_is_asked_again(int status)
    {
        var count = 0;
        await using var server = await TestKubeServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "1";
            return TestKubeServer.WriteJsonAsync(context, "{}", ++count < 3 ? status : 200);
        });
        await using var api = await ConnectAsync(server.Cluster());

        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(3, count);
    }

    [Theory]
    [InlineData("create", 503, 1)]
    [InlineData("create", 429, 5)]
    [InlineData("get", 500, 1)]
    [InlineData("get", 503, 5)]
    [InlineData("patch", 503, 5)]
    public async Task Only_what_can_be_repeated_is_repeated_and_not_forever(string verb, int status, int expected)
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, """{"message": "no"}""", status)
        );
        await using var api = await ConnectAsync(server.Cluster());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            verb switch
            {
                "create" => api.CreateAsync("/x", new JsonObject(), CancellationToken.None),
                "patch" => api.PatchAsync("/x", new JsonObject(), KubePatch.StrategicMerge, CancellationToken.None),
                _ => api.GetAsync("/x", CancellationToken.None),
            }
        );

        Assert.Equal("KubeApiError", error.ErrorId);
        Assert.Equal(expected, server.Requests.Count);
    }

    [Fact]
    public async Task A_reset_connection_is_tried_again()
    {
        var count = 0;
        await using var server = await TestKubeServer.StartAsync(context =>
        {
            if (++count < 3)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return TestKubeServer.WriteJsonAsync(context, "{}");
        });
        await using var api = await ConnectAsync(server.Cluster());

        await api.GetAsync("/x", CancellationToken.None);

        Assert.True(count >= 3);
    }

    [Theory]
    [InlineData(401, "KubeApiUnauthorized", EtcdDrErrorCategory.AuthenticationError)]
    [InlineData(403, "KubeApiForbidden", EtcdDrErrorCategory.PermissionDenied)]
    [InlineData(404, "KubeApiNotFound", EtcdDrErrorCategory.ObjectNotFound)]
    [InlineData(409, "KubeApiConflict", EtcdDrErrorCategory.ResourceBusy)]
    [InlineData(422, "KubeApiError", EtcdDrErrorCategory.InvalidOperation)]
    public async Task Each_refusal_has_its_error_with_server_path_and_reason_and_no_secret(
        int status,
        string errorId,
        EtcdDrErrorCategory category
    )
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            TestKubeServer.WriteJsonAsync(context, """{"kind": "Status", "message": "because"}""", status)
        );
        await using var api = await ConnectAsync(server.Cluster());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/api/v1/nodes?limit=1", CancellationToken.None));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(category, error.Category);
        Assert.Contains(TestKubeServer.ServerName, error.Message, StringComparison.Ordinal);
        Assert.Contains("/api/v1/nodes", error.Message, StringComparison.Ordinal);
        Assert.Contains("because", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_null_to_find_and_false_to_delete()
    {
        await using var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", 404));
        await using var api = await ConnectAsync(server.Cluster());

        Assert.Null(await api.FindAsync("/x", CancellationToken.None));
        Assert.False(await api.DeleteAsync("/x", 0));
        Assert.Contains("DELETE /x?gracePeriodSeconds=0", server.Requests);
    }

    [Fact]
    public async Task A_probe_tells_only_yes_or_no()
    {
        var ready = false;
        var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}", ready ? 200 : 500));
        await using var api = await ConnectAsync(server.Cluster());

        Assert.False(await api.ProbeAsync("/readyz", CancellationToken.None));
        ready = true;
        Assert.True(await api.ProbeAsync("/readyz", CancellationToken.None));
        Assert.Equal(2, server.Requests.Count);
        await server.DisposeAsync();
        Assert.False(await api.ProbeAsync("/readyz", CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_is_away_is_an_error_that_names_the_address()
    {
        var server = await TestKubeServer.StartAsync(context => TestKubeServer.WriteJsonAsync(context, "{}"));
        await using var api = await ConnectAsync(server.Cluster());
        await server.DisposeAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => api.GetAsync("/version", CancellationToken.None));

        Assert.Equal("KubeApiUnreachable", error.ErrorId);
        Assert.Contains($"at 127.0.0.1:{server.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_ends_with_the_limit_and_cancellation_ends_at_once()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default)
        );
        await using var hasty = await KubeApi.ConnectAsync(
            server.Cluster(),
            CancellationToken.None,
            settings: TestKubeServer.Quick with
            {
                RequestTimeout = TimeSpan.FromMilliseconds(100),
            }
        );
        await using var patient = await ConnectAsync(server.Cluster());
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => hasty.GetAsync("/x", CancellationToken.None));
        Assert.Equal("KubeApiUnreachable", error.ErrorId);
        Assert.Contains("within 0.1 s", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.GetAsync("/x", cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.ProbeAsync("/x", cancelled.Token));
    }

    private static Task<KubeApi> ConnectAsync(EtcdCluster cluster) =>
        KubeApi.ConnectAsync(cluster, CancellationToken.None, settings: TestKubeServer.Quick);

    private static List<string> Items(int count) => [.. Enumerable.Range(0, count).Select(i => $"item-{i}")];

    private static async Task<List<string>> NamesAsync(IAsyncEnumerable<JsonObject> items)
    {
        var names = new List<string>();
        await foreach (var item in items)
        {
            names.Add((string)item["metadata"]!["name"]!);
        }

        return names;
    }

    private static Task WritePageAsync(HttpContext context, List<string> names, int pageSize)
    {
        var start = int.TryParse(context.Request.Query["continue"], out var given) ? given : 0;
        var items = new JsonArray([
            .. names.Skip(start).Take(pageSize).Select(n => new JsonObject { ["metadata"] = new JsonObject { ["name"] = n } }),
        ]);
        var next = start + pageSize < names.Count ? (start + pageSize).ToString(CultureInfo.InvariantCulture) : "";
        return TestKubeServer.WriteJsonAsync(
            context,
            new JsonObject
            {
                ["kind"] = "List",
                ["metadata"] = new JsonObject { ["continue"] = next },
                ["items"] = items,
            }.ToJsonString()
        );
    }
}
