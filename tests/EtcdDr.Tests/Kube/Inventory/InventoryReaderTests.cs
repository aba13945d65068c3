using System.Text;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Tests.Kube.Inventory;

public sealed class InventoryReaderTests
{
    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/apis"] = """
            {"groups": [{"name": "example.com", "versions": [{"version": "v1beta1"}, {"version": "v1"}],
              "preferredVersion": {"version": "v1"}}, {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}],
              "preferredVersion": {"version": "v1beta1"}}]}
            """,
        ["/api/v1"] = """
            {"resources": [{"name": "pods", "kind": "Pod", "verbs": ["list"]}, {"name": "pods/log", "kind": "Pod",
              "verbs": ["get"]}, {"name": "events", "kind": "Event", "verbs": ["list"]}, {"name": "secrets",
              "kind": "Secret", "verbs": ["list"]}, {"name": "configmaps", "kind": "ConfigMap", "verbs": ["list"]},
              {"name": "bindings", "kind": "Binding", "verbs": ["create"]}, {"name": "services", "kind": "Service",
              "verbs": ["list"]}]}
            """,
        ["/apis/example.com/v1"] = """{"resources": [{"name": "widgets", "kind": "Widget", "verbs": ["list"]}]}""",
        ["/apis/example.com/v1beta1"] = """
            {"resources": [{"name": "widgets", "kind": "Widget", "verbs": ["list"]}, {"name": "gadgets",
              "kind": "Gadget", "verbs": ["list"]}]}
            """,
        ["/apis/apiregistration.k8s.io/v1/apiservices"] =
            """{"items": [{"metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": {"service": {"name": "m"}}}]}""",
        ["/api/v1/pods"] = """
            {"items": [{"metadata": {"namespace": "default", "name": "web"}, "spec": {"containers": [{}]},
              "status": {"phase": "Running", "podIP": "10.244.0.5"}}]}
            """,
        ["/api/v1/services"] = """{"items": []}""",
        ["/api/v1/secrets"] = """{"items": [{"metadata": {"namespace": "default", "name": "db"}, "data": {"password": "aHVudGVyMg=="}}]}""",
        ["/api/v1/configmaps"] =
            """{"items": [{"metadata": {"namespace": "default", "name": "settings"}, "data": {"a": "hidden-value"}}]}""",
        ["/apis/example.com/v1/widgets"] = """{"items": [{"metadata": {"name": "w1"}, "spec": {"size": 1}}]}""",
        ["/api/v1/namespaces/kube-system/configmaps/kubeadm-config"] = """
            {"data": {"ClusterConfiguration":
              "controlPlaneEndpoint: lb:6443\nnetworking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}\n"}}
            """,
        ["/version"] = """{"gitVersion": "v1.36.1"}""",
    };

    [Fact]
    public async Task Every_kind_of_every_group_is_recorded_in_its_preferred_version_and_secrets_by_digest_only()
    {
        await using var server = await StartAsync();
        await using var api = await ConnectAsync(server);
        var files = new Dictionary<string, string>();

        var summary = await InventoryReader.CaptureAsync(
            api,
            async (path, write) =>
            {
                using var stream = new MemoryStream();
                await write(stream);
                files[path] = Encoding.UTF8.GetString(stream.ToArray());
            },
            CancellationToken.None
        );

        using var records = new MemoryStream(Encoding.UTF8.GetBytes(files[InventoryReader.RecordsPath]));
        var read = await ToListAsync(InventoryReader.ReadAsync(records));
        Assert.Equal(
            ["ConfigMap v1 settings", "Pod v1 web", "Secret v1 db", "Widget v1 w1"],
            read.Select(r => $"{r.Kind} {r.Version} {r.Name}")
        );
        Assert.Equal(4, summary.Objects);
        Assert.Equal(1, summary.Kinds["Widget.example.com"]);
        Assert.Contains("gadgets.example.com", Assert.Single(summary.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(
            server.Requests,
            r => r.Contains("events", StringComparison.Ordinal) || r.Contains("metrics.k8s.io", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            files.Values,
            f => f.Contains("aHVudGVyMg", StringComparison.Ordinal) || f.Contains("hidden-value", StringComparison.Ordinal)
        );
        Assert.Equal(
            "NAMESPACE   NAME   READY   STATUS    RESTARTS   NODE     IP\ndefault     web    0/1     Running   0          <none>   "
                + "10.244.0.5\n",
            files["inventory/pods.txt"]
        );
        Assert.StartsWith("[\n{", files["inventory/pods.json"], StringComparison.Ordinal);
        Assert.Equal("[]\n", files["inventory/services.json"]);
        Assert.Contains("settings", files["inventory/configmaps.txt"], StringComparison.Ordinal);
        Assert.Contains("podSubnet", files["inventory/kubeadm-config.yaml"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_of_the_live_cluster_equal_those_that_were_kept()
    {
        await using var server = await StartAsync();
        await using var api = await ConnectAsync(server);
        var kept = new MemoryStream();
        await InventoryReader.CaptureAsync(
            api,
            (path, write) => write(path == InventoryReader.RecordsPath ? kept : new MemoryStream()),
            CancellationToken.None
        );
        kept.Position = 0;

        Assert.Equal(await ToListAsync(InventoryReader.ReadAsync(kept)), await ToListAsync(InventoryReader.RecordsAsync(api, _ => { })));
    }

    [Fact]
    public async Task Kinds_are_asked_for_at_once_and_their_records_stand_in_order()
    {
        await using var server = await StartLateAsync(Answers);
        await using var api = await ConnectAsync(server);
        var kept = new MemoryStream();

        await InventoryReader.CaptureAsync(
            api,
            (path, write) => write(path == InventoryReader.RecordsPath ? kept : new MemoryStream()),
            CancellationToken.None
        );

        kept.Position = 0;
        Assert.Equal(["ConfigMap", "Pod", "Secret", "Widget"], (await ToListAsync(InventoryReader.ReadAsync(kept))).Select(r => r.Kind));
    }

    [Fact]
    public async Task A_kind_with_many_objects_waits_for_its_turn_and_loses_none()
    {
        // More than a kind may hold back, behind one that is answered late.
        const int Many = 8000;
        var pods = Enumerable.Range(0, Many).Select(i => $$"""{"metadata": {"namespace": "default", "name": "pod-{{i:d5}}"} }""");
        var answers = new Dictionary<string, string>(Answers) { ["/api/v1/pods"] = $$"""{"items": [{{string.Join(',', pods)}}]}""" };
        await using var server = await StartLateAsync(answers);
        await using var api = await ConnectAsync(server);
        var kept = new MemoryStream();

        var summary = await InventoryReader.CaptureAsync(
            api,
            (path, write) => write(path == InventoryReader.RecordsPath ? kept : new MemoryStream()),
            CancellationToken.None
        );

        kept.Position = 0;
        var records = await ToListAsync(InventoryReader.ReadAsync(kept));
        Assert.Equal(Many, summary.Kinds["Pod"]);
        Assert.Equal(["settings", .. Enumerable.Range(0, Many).Select(i => $"pod-{i:d5}"), "db", "w1"], records.Select(r => r.Name));
        Assert.True(kept.Length > 1024 * 1024);
    }

    [Fact]
    public async Task A_line_that_is_no_record_is_an_error_that_names_it()
    {
        using var broken = new MemoryStream("{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\",\"name\":\"a\"}\nnonsense\n"u8.ToArray());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => ToListAsync(InventoryReader.ReadAsync(broken)));

        Assert.Equal("InventoryInvalid", error.ErrorId);
        Assert.Contains("Line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_come_from_the_api_kubeadm_and_the_manifests()
    {
        await using var server = await StartAsync();
        await using var api = await ConnectAsync(server);

        var facts = await ClusterFacts.ReadAsync(api, null, CancellationToken.None);

        Assert.Equal(
            ("v1.36.1", "lb:6443", "10.244.0.0/16", "10.96.0.0/12", null),
            (facts.KubernetesVersion, facts.Endpoint, facts.PodCidr, facts.ServiceCidr, facts.EncryptionAtRest)
        );
    }

    private static Task<TestKubeServer> StartAsync() =>
        TestKubeServer.StartAsync(context =>
            Answers.TryGetValue(context.Request.Path.Value!, out var answer)
                ? TestKubeServer.WriteJsonAsync(context, answer)
                : TestKubeServer.WriteJsonAsync(context, """{"message": "not here"}""", 404)
        );

    // Answers for config maps only when the pods, a kind behind them, have been asked for.
    private static Task<TestKubeServer> StartLateAsync(Dictionary<string, string> answers)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return TestKubeServer.StartAsync(async context =>
        {
            var path = context.Request.Path.Value!;
            if (path == "/api/v1/pods")
            {
                asked.TrySetResult();
            }
            else if (path == "/api/v1/configmaps")
            {
                await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
            }

            await (
                answers.TryGetValue(path, out var answer)
                    ? TestKubeServer.WriteJsonAsync(context, answer)
                    : TestKubeServer.WriteJsonAsync(context, """{"message": "not here"}""", 404)
            );
        });
    }

    private static Task<KubeApi> ConnectAsync(TestKubeServer server) =>
        KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);

    private static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
