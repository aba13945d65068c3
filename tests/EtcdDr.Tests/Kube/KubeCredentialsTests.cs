using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdDr.Tests.Kube;

public sealed class KubeCredentialsTests
{
    private const string Version = "client.authentication.k8s.io/v1";

    [Fact]
    public async Task A_credential_plugin_is_told_its_cluster_where_it_asks_for_it()
    {
        await using var server = await StartAsync();
        var told = Path.Combine(Path.GetDirectoryName(server.WriteFile("x", ""))!, "told");
        var plugin = Plugin(server, $"printf '%s' \"$KUBERNETES_EXEC_INFO\" > {told}", """{"token": "t"}""");
        var cluster = server.Cluster(
            $"exec: {{apiVersion: {Version}, command: sh, args: [{plugin}], interactiveMode: Never, provideClusterInfo: true}}",
            cluster: ", tls-server-name: other, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a, depth: 5}}]"
        );
        await using var api = await ConnectAsync(cluster);

        var info = JsonNode.Parse(File.ReadAllText(told))!;

        Assert.Equal("ExecCredential", (string?)info["kind"]);
        Assert.Equal(Version, (string?)info["apiVersion"]);
        Assert.False((bool)info["spec"]!["interactive"]!);
        var said = info["spec"]!["cluster"]!;
        Assert.Equal($"https://{TestKubeServer.ServerName}:6443", (string?)said["server"]);
        Assert.Equal("other", (string?)said["tls-server-name"]);
        Assert.Equal(
            server.Certificates.AuthorityPem,
            Encoding.UTF8.GetString(Convert.FromBase64String((string)said["certificate-authority-data"]!))
        );
        Assert.Equal("""{"audience":"a","depth":5}""", said["config"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(""", "expirationTimestamp": "2020-01-01T00:00:00Z" """, 3)]
    public async Task A_credential_plugin_runs_once_and_again_when_what_it_showed_has_expired(string expiry, int expected)
    {
        await using var server = await StartAsync();
        var runs = Path.Combine(Path.GetDirectoryName(server.WriteFile("x", ""))!, "runs");
        var plugin = Plugin(server, $"echo >> {runs}", $$"""{"token": "t"{{expiry}}}""");
        await using var api = await ConnectAsync(server.Cluster($"exec: {{apiVersion: {Version}, command: sh, args: [{plugin}]}}"));

        await api.GetAsync("/x", CancellationToken.None);
        await api.GetAsync("/x", CancellationToken.None);

        Assert.Equal(expected, File.ReadAllLines(runs).Length);
    }

    [Fact]
    public async Task A_certificate_that_a_plugin_shows_reaches_the_server()
    {
        using var authority = new TestCertificates();
        using var client = authority.Client("CN=from-plugin");
        await using var server = await StartAsync();
        var status = new JsonObject
        {
            ["clientCertificateData"] = client.ExportCertificatePem(),
            ["clientKeyData"] = TestCertificates.KeyPem(client),
        };
        var plugin = Plugin(server, ":", status.ToJsonString().Replace("\\", "\\\\", StringComparison.Ordinal));
        await using var api = await ConnectAsync(server.Cluster($"exec: {{apiVersion: {Version}, command: sh, args: [{plugin}]}}"));

        Assert.Equal("CN=from-plugin", (string?)(await api.GetAsync("/x", CancellationToken.None))["subject"]);
    }

    [Theory]
    [InlineData("echo no such account >&2; exit 3", "{}", "ended with status 3 no such account")]
    [InlineData(":", "{}", "neither a token nor a certificate")]
    [InlineData("echo secret-junk", "{}", "neither a token nor a certificate")]
    public async Task A_credential_plugin_that_fails_is_an_error_that_says_how_and_shows_no_output(
        string script,
        string status,
        string cause
    )
    {
        await using var server = await StartAsync();
        var plugin = Plugin(server, script, status);
        var cluster = server.Cluster($"exec: {{apiVersion: {Version}, command: sh, args: [{plugin}], interactiveMode: Never}}");

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => ConnectAsync(cluster));

        Assert.Equal("KubeCredentialFailed", error.ErrorId);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-junk", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_plugin_that_hangs_ends_with_whoever_waits_for_it()
    {
        await using var server = await StartAsync();
        var directory = Path.GetDirectoryName(server.WriteFile("x", ""))!;
        var pipe = $"{directory}/pid";
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        var plugin = Plugin(server, $"echo $$ > {pipe}; exec sleep 600", "{}");
        var cluster = server.Cluster($"exec: {{apiVersion: {Version}, command: sh, args: [{plugin}]}}");
        using var stop = new CancellationTokenSource();

        var connecting = KubeApi.ConnectAsync(cluster, stop.Token);
        var id = await Task.Run(() => File.ReadAllText(pipe));
        using var process = System.Diagnostics.Process.GetProcessById(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_token_of_an_openid_connect_server_is_used_while_it_is_valid_and_renewed_where_the_issuer_says()
    {
        await using var server = await StartAsync();
        await using var issuer = await IssuerAsync();
        var url = issuer.Urls.First();
        string User(string token) =>
            $"auth-provider: {{name: oidc, config: {{client-id: c, idp-issuer-url: '{url}', id-token: {token}, refresh-token: again}}}}";

        Assert.Equal(
            $"Bearer {Token(DateTimeOffset.UtcNow.AddHours(1))}",
            await AuthorizationAsync(server.Cluster(User(Token(DateTimeOffset.UtcNow.AddHours(1)))))
        );
        Assert.Equal("Bearer renewed-again", await AuthorizationAsync(server.Cluster(User(Token(DateTimeOffset.UtcNow.AddHours(-1))))));
        Assert.Equal(
            "Bearer as-it-is",
            await AuthorizationAsync(server.Cluster("auth-provider: {name: oidc, config: {id-token: as-it-is}}"))
        );
    }

    [Fact]
    public async Task A_provider_that_kubernetes_took_out_is_named()
    {
        await using var server = await StartAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            ConnectAsync(server.Cluster("auth-provider: {name: gcp, config: {access-token: x}}"))
        );

        Assert.Equal("KubeCredentialFailed", error.ErrorId);
        Assert.Contains("'gcp'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string?> AuthorizationAsync(EtcdCluster cluster)
    {
        await using var api = await ConnectAsync(cluster);
        return (string?)(await api.GetAsync("/x", CancellationToken.None))["authorization"];
    }

    private static Task<KubeApi> ConnectAsync(EtcdCluster cluster) =>
        KubeApi.ConnectAsync(cluster, CancellationToken.None, settings: TestKubeServer.Quick);

    private static string Plugin(TestKubeServer server, string script, string status) =>
        server.WriteFile(
            "plugin.sh",
            $"{script}\nprintf '%b' '{{\"apiVersion\": \"{Version}\", \"kind\": \"ExecCredential\", \"status\": {status}}}'\n"
        );

    private static string Token(DateTimeOffset expires)
    {
        var claims = Encoding.UTF8.GetBytes($$"""{"exp": {{expires.ToUnixTimeSeconds()}}}""");
        return $"e30.{Convert.ToBase64String(claims).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2ln";
    }

    private static Task<TestKubeServer> StartAsync() =>
        TestKubeServer.StartAsync(async context =>
        {
            var certificate = await context.Connection.GetClientCertificateAsync();
            await TestKubeServer.WriteJsonAsync(
                context,
                new JsonObject
                {
                    ["authorization"] = context.Request.Headers.Authorization.ToString(),
                    ["subject"] = certificate?.Subject,
                }.ToJsonString()
            );
        });

    private static async Task<WebApplication> IssuerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = builder.Build();
        issuer.Run(async context =>
        {
            if (context.Request.Path == "/.well-known/openid-configuration")
            {
                await TestKubeServer.WriteJsonAsync(context, $$"""{"token_endpoint": "{{issuer.Urls.First()}}/elsewhere"}""");
                return;
            }

            var form = await context.Request.ReadFormAsync();
            await TestKubeServer.WriteJsonAsync(
                context,
                $$"""{"id_token": "renewed-{{form["refresh_token"]}}", "expires_in": 60}""",
                context.Request.Path == "/elsewhere" ? 200 : 404
            );
        });
        await issuer.StartAsync();
        return issuer;
    }
}
