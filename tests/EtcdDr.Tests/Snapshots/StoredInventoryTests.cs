using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Tests.ControlPlane.Manifests;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Kube;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Which objects the inventory takes out of the database, and that the API is asked for the others alone.</summary>
public sealed class StoredInventoryTests
{
    private static readonly KubeResource Secrets = new("", "v1", "secrets", "Secret");
    private static readonly KubeResource ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    [Fact]
    public async Task The_latest_versions_under_the_apiservers_prefix_are_read()
    {
        var database = new DatabaseBuilder()
            .Put("/my/prefix/secrets/a/s1", Secret("s1"))
            .Put("/my/prefix/secrets/a/s2", Secret("s2"))
            .Put("/my/prefix/secrets/a/s1", Secret("s1-changed"), version: 2)
            .Delete("/my/prefix/secrets/a/s2")
            .Put("/my/prefix/configmaps/a/c", ConfigMap("c"))
            .Put("/registry/secrets/a/of-another-cluster", Secret("of-another-cluster"))
            .Put("/my/prefix/external-secrets.io/secrets/a/custom", "no object"u8.ToArray());

        var (taken, unread) = await ReadAsync("my/prefix/", database);

        Assert.Equal(["configmaps c", "secrets s1-changed"], taken.Order(StringComparer.Ordinal));
        Assert.Empty(unread);
    }

    [Fact]
    public async Task A_kind_with_one_value_that_cannot_be_read_is_left_to_the_api()
    {
        var database = new DatabaseBuilder()
            .Put("/registry/secrets/a/s1", Secret("s1"))
            .Put("/registry/secrets/a/s2", "k8s:enc:aescbc:v1:key1:xx"u8.ToArray())
            .Put("/registry/configmaps/a/c", ConfigMap("c"));

        var (taken, unread) = await ReadAsync("/registry", database);

        Assert.Equal([Secrets], unread);
        Assert.Contains("configmaps c", taken);
    }

    [Fact]
    public async Task Json_that_no_apiserver_writes_leaves_its_kind_to_the_api()
    {
        var database = new DatabaseBuilder().Put(
            "/registry/configmaps/a/c",
            """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c"},"data":{"a":"1","a":"2"}}"""u8.ToArray()
        );
        var unread = await Of("/registry", database)
            .ReadAsync([ConfigMaps], (resource, item) => new InventoryLines(resource).Line(item), (_, _) => { }, default);

        Assert.Equal([ConfigMaps], unread);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("--encryption-provider-config=/etc/kubernetes/enc/enc.yaml", false)]
    [InlineData("--etcd-servers-overrides=/events#https://10.0.0.9:2379", true)]
    [InlineData("--etcd-servers-overrides=/secrets#https://10.0.0.9:2379", false)]
    public void Only_what_this_etcd_holds_in_the_clear_is_taken_from_it(string flag, bool taken)
    {
        var stored = StoredInventory.Of(ApiServer(flag), _ => throw new InvalidOperationException());

        Assert.Equal(taken, stored is not null);
        Assert.Null(StoredInventory.Of(null, _ => throw new InvalidOperationException()));
    }

    [Fact]
    public async Task The_api_is_not_asked_for_what_was_read_and_the_records_are_the_same()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            context.Request.Path.Value switch
            {
                "/apis" => TestKubeServer.WriteJsonAsync(context, """{"groups": []}"""),
                "/api/v1" => TestKubeServer.WriteJsonAsync(
                    context,
                    """
                    {"resources": [{"name": "pods", "kind": "Pod", "verbs": ["list"]}, {"name": "secrets",
                      "kind": "Secret", "verbs": ["list"]}, {"name": "configmaps", "kind": "ConfigMap",
                      "verbs": ["list"]}]}
                    """
                ),
                "/api/v1/pods" => TestKubeServer.WriteJsonAsync(
                    context,
                    """{"items": [{"metadata": {"namespace": "a", "name": "web"}}]}"""
                ),
                "/api/v1/secrets" => TestKubeServer.WriteJsonAsync(
                    context,
                    """{"items": [{"metadata": {"namespace": "a", "name": "s"}, "type": "Opaque"}]}"""
                ),
                "/api/v1/configmaps" => TestKubeServer.WriteJsonAsync(
                    context,
                    """{"items": [{"metadata": {"namespace": "a", "name": "c"}}]}"""
                ),
                _ => TestKubeServer.WriteJsonAsync(context, """{"message": "not here"}""", 404),
            }
        );
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), default, settings: TestKubeServer.Quick);
        var (asked, fromApi) = await CaptureAsync(api, null);
        Assert.Contains(server.Requests, r => r.Contains("/api/v1/secrets", StringComparison.Ordinal));
        server.Requests.Clear();
        var database = new DatabaseBuilder()
            .Put("/registry/secrets/a/s", Secret("s"))
            .Put("/registry/configmaps/a/c", "k8s:enc:kms:v2:x:y"u8.ToArray());

        var (summary, files) = await CaptureAsync(api, Of("/registry", database));

        Assert.Equal(Lines(fromApi), Lines(files));
        Assert.Equal(asked.Kinds, summary.Kinds);
        Assert.Equal(fromApi["inventory/configmaps.txt"], files["inventory/configmaps.txt"]);
        Assert.DoesNotContain(server.Requests, r => r.Contains("/api/v1/secrets", StringComparison.Ordinal));
        Assert.Contains(server.Requests, r => r.Contains("/api/v1/configmaps", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Lines(Dictionary<string, string> files) =>
        files[InventoryReader.RecordsPath].Split('\n').Order(StringComparer.Ordinal);

    private static async Task<(InventorySummary Summary, Dictionary<string, string> Files)> CaptureAsync(
        KubeApi api,
        IStoredObjects? stored
    )
    {
        var files = new Dictionary<string, string>();
        var summary = await InventoryReader.CaptureAsync(
            api,
            stored,
            async (path, write) =>
            {
                using var stream = new MemoryStream();
                await write(stream);
                files[path] = System.Text.Encoding.UTF8.GetString(stream.ToArray());
            },
            default
        );
        return (summary, files);
    }

    private static async Task<(List<string> Taken, IReadOnlySet<KubeResource> Unread)> ReadAsync(string prefix, DatabaseBuilder database)
    {
        var taken = new List<string>();
        var unread = await Of(prefix, database)
            .ReadAsync(
                [ConfigMaps, Secrets],
                (resource, item) => new InventoryLine(null, [$"{resource.Resource} {item["metadata"]!["name"]}"]),
                (_, line) => taken.Add(line.Row![0]),
                default
            );
        return (taken, unread);
    }

    private static StoredInventory Of(string prefix, DatabaseBuilder database) =>
        new(prefix, _ => Task.FromResult(EtcdDatabase.Open(new MemorySource(database.Build()))));

    private static ApiServerConfiguration ApiServer(string flag) =>
        ApiServerConfiguration.From(
            StaticPodManifest.Parse(
                "m1",
                "/etc/kubernetes/manifests/kube-apiserver.yaml",
                ManifestTexts.ApiServer.Replace("--encryption-provider-config=/etc/kubernetes/enc/enc.yaml", flag, StringComparison.Ordinal)
            )
        );

    private static byte[] Secret(string name) =>
        ProtoBytes.Stored(
            "v1",
            "Secret",
            ProtoBytes.Field(1, ProtoBytes.Field(1, name), ProtoBytes.Field(3, "a")),
            ProtoBytes.Field(3, "Opaque")
        );

    private static byte[] ConfigMap(string name) =>
        ProtoBytes.Stored("v1", "ConfigMap", ProtoBytes.Field(1, ProtoBytes.Field(1, name), ProtoBytes.Field(3, "a")));
}
