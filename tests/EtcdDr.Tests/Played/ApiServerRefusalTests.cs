using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Tests.Played;

/// <summary>How the played apiserver refuses: in the real one's words, codes and headers, since the module decides by them.</summary>
[Trait("Category", "Lab")]
public sealed class ApiServerRefusalTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    public void Dispose() => File.Delete(server.FaultsFile);

    [Fact]
    public async Task A_service_accounts_token_is_worth_what_roles_give_and_no_more_than_the_account_itself()
    {
        await NamespaceAsync("robots");
        using var client = server.Client(await TokenAsync("robots", "r2"), null);

        using (var forbidden = await client.GetAsync("/apis/apps/v1/namespaces/robots/deployments/web"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
            var status = JsonNode.Parse(await forbidden.Content.ReadAsStringAsync());
            Assert.Equal(
                "deployments.apps \"web\" is forbidden: User \"system:serviceaccount:robots:r2\" cannot get resource \"deployments\" in "
                    + "API group \"apps\" in the namespace \"robots\"",
                status.Text("message")
            );
            Assert.Equal(("Forbidden", "deployments"), (status.Text("reason"), status.Text("details", "kind")));
        }

        await BindAsync("robots", "r2");
        await UntilAsync(async () => (await client.GetAsync("/apis/apps/v1/namespaces/robots/deployments")).StatusCode, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/apis/apps/v1/deployments")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync("/apis/apps/v1/namespaces/robots/deployments/web")).StatusCode);

        // The same name again is another account: what was signed for the first one is worth nothing.
        await server.Admin.DeleteAsync("/api/v1/namespaces/robots/serviceaccounts/r2", 0, None);
        await AccountAsync("robots", "r2");
        using var unknown = await client.GetAsync("/apis/apps/v1/namespaces/robots/deployments");
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal("Unauthorized", JsonNode.Parse(await unknown.Content.ReadAsStringAsync()).Text("reason"));
    }

    [Fact]
    public async Task A_webhook_that_fails_closed_refuses_until_its_service_has_a_ready_pod()
    {
        var path = await NamespaceAsync("guarded");
        await server.Admin.CreateAsync(
            $"{path}/services",
            Parse("""{"metadata":{"name":"guard"},"spec":{"selector":{"app":"guard"},"clusterIP":"10.96.3.4","ports":[{"port":443}]}}"""),
            None
        );
        await server.Admin.CreateAsync("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", Hook(), None);

        var refused = await UntilAsync(() => MapAsync(path, "a"), HttpStatusCode.InternalServerError);
        Assert.Equal(
            "Internal error occurred: failed calling webhook \"guard.example.com\": failed to call webhook: Post "
                + "\"https://guard.guarded.svc:443/validate?timeout=5s\": dial tcp 10.96.3.4:443: connect: connection refused",
            refused.Text("message")
        );
        Assert.Equal("InternalError", refused.Text("reason"));

        await server.Admin.CreateAsync(
            $"{path}/pods",
            Parse("""{"metadata":{"name":"guard-1","labels":{"app":"guard"}},"spec":{"containers":[{"name":"g","image":"g"}]}}"""),
            None
        );
        await server.Admin.MergeAsync(
            $"{path}/pods/guard-1/status",
            Parse("""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"""),
            None
        );
        await UntilAsync(() => MapAsync(path, "a"), HttpStatusCode.Created);

        await server.Admin.DeleteAsync($"{path}/pods/guard-1", 0, None);
        await server.Admin.DeleteAsync($"{path}/services/guard", null, None);
        var gone = await UntilAsync(() => MapAsync(path, "b"), HttpStatusCode.InternalServerError);
        Assert.EndsWith("?timeout=5s\": service \"guard\" not found", gone.Text("message"), StringComparison.Ordinal);

        await server.Admin.MergeAsync(
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/guard",
            new JsonObject { ["webhooks"] = Hook("Ignore")["webhooks"]!.DeepClone() },
            None
        );
        await UntilAsync(() => MapAsync(path, "b"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Too_many_requests_are_told_as_text_with_the_time_to_wait()
    {
        using var client = await BoundClientAsync("hurried");
        await OrderAsync("""{"tooManyRequests": {"every": 1, "retryAfterSeconds": 3}}""");

        using var answer = await client.GetAsync("/api/v1/namespaces/hurried/configmaps");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), answer.Headers.RetryAfter!.Delta);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Too many requests, please try again later.\n", await answer.Content.ReadAsStringAsync());
        Assert.NotNull(await server.Admin.GetAsync("/api/v1/namespaces/hurried", None));
    }

    [Fact]
    public async Task A_write_that_another_came_before_is_a_conflict()
    {
        using var client = await BoundClientAsync("contended");
        Assert.Equal(
            HttpStatusCode.Created,
            (await SendAsync(client, HttpMethod.Post, "/api/v1/namespaces/contended/configmaps", Map("m"))).Code
        );
        await OrderAsync("""{"conflict": {"every": 2}}""");

        var answers = new List<(HttpStatusCode Code, JsonNode? Body)>();
        for (var i = 0; i < 4; i++)
        {
            var patch = new JsonObject { ["data"] = new JsonObject { ["a"] = $"{i}" } };
            answers.Add(await SendAsync(client, HttpMethod.Patch, "/api/v1/namespaces/contended/configmaps/m", patch));
        }

        Assert.Equal(2, answers.Count(a => a.Code == HttpStatusCode.OK));
        var refused = answers.First(a => a.Code == HttpStatusCode.Conflict).Body;
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"m\": the object has been modified; please apply your changes to the latest "
                + "version and try again",
            refused.Text("message")
        );
    }

    [Fact]
    public async Task An_answer_can_be_slow()
    {
        using var client = await BoundClientAsync("patient");
        await OrderAsync("""{"slow": {"every": 1, "milliseconds": 700}}""");
        var watch = Stopwatch.StartNew();

        using var answer = await client.GetAsync("/api/v1/namespaces/patient/configmaps");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(watch.ElapsedMilliseconds >= 700);
    }

    private async Task<HttpClient> BoundClientAsync(string ns)
    {
        await NamespaceAsync(ns);
        var client = server.Client(await TokenAsync(ns, "r2"), null);
        await BindAsync(ns, "r2");
        await UntilAsync(async () => (await client.GetAsync($"/api/v1/namespaces/{ns}/configmaps")).StatusCode, HttpStatusCode.OK);
        return client;
    }

    private async Task OrderAsync(string orders)
    {
        // The file's time of writing is what tells that it changed.
        await File.WriteAllTextAsync(server.FaultsFile, orders);
        File.SetLastWriteTimeUtc(server.FaultsFile, DateTime.UtcNow.AddTicks(Random.Shared.Next(1, 1_000_000)));
    }

    private async Task<string> TokenAsync(string ns, string name)
    {
        await AccountAsync(ns, name);
        var answer = await server.Admin.CreateAsync(
            $"/api/v1/namespaces/{ns}/serviceaccounts/{name}/token",
            Parse("""{"spec":{"expirationSeconds":3600}}"""),
            None
        );
        return answer.Text("status", "token")!;
    }

    private Task AccountAsync(string ns, string name) =>
        server.Admin.CreateAsync(
            $"/api/v1/namespaces/{ns}/serviceaccounts",
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } },
            None
        );

    private async Task BindAsync(string ns, string account)
    {
        var path = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}";
        await server.Admin.CreateAsync(
            $"{path}/roles",
            Parse(
                """
                {"metadata":{"name":"look"},"rules":[{"apiGroups":["","apps"],"resources":["*"],"verbs":["get",
                  "list","create","patch"]}]}
                """
            ),
            None
        );
        await server.Admin.CreateAsync(
            $"{path}/rolebindings",
            Parse(
                $$"""
                {"metadata":{"name":"look"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"look"},
                "subjects":[{"kind":"ServiceAccount","namespace":"{{ns}}","name":"{{account}}"}]}
                """
            ),
            None
        );
    }

    private static JsonObject Hook(string failurePolicy = "Fail") =>
        Parse(
            $$$"""
            {"metadata":{"name":"guard"},"webhooks":[{"name":"guard.example.com","failurePolicy":"{{{failurePolicy}}}","timeoutSeconds":5,
            "clientConfig":{"service":{"namespace":"guarded","name":"guard","path":"/validate"}},"sideEffects":"None",
            "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"guarded"}},
            "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}]}
            """
        );

    private async Task<(HttpStatusCode Code, JsonNode? Body)> MapAsync(string path, string name)
    {
        using var admin = server.Client(null, "admin");
        return await SendAsync(admin, HttpMethod.Post, $"{path}/configmaps?dryRun=All", Map(name));
    }

    private static async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(
        HttpClient client,
        HttpMethod method,
        string path,
        JsonObject body
    )
    {
        var type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    // Roles and webhooks are followed with a lag of up to a second, as by the real one.
    private static async Task<JsonNode?> UntilAsync(Func<Task<(HttpStatusCode Code, JsonNode? Body)>> ask, HttpStatusCode expected)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(1); ; await Task.Delay(50))
        {
            var (code, body) = await ask();
            if (code == expected)
                return body;
            Assert.True(DateTime.UtcNow < deadline, $"{code} in place of {expected}: {body}");
        }
    }

    private static Task UntilAsync(Func<Task<HttpStatusCode>> ask, HttpStatusCode expected) =>
        UntilAsync(async () => (await ask(), (JsonNode?)null), expected);

    private async Task<string> NamespaceAsync(string name)
    {
        await server.Admin.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, None);
        return $"/api/v1/namespaces/{name}";
    }

    private static JsonObject Map(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
