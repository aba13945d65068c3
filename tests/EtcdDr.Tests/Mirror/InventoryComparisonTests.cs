using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Mirror.Comparison;
using EtcdDr.Tests.Kube;

namespace EtcdDr.Tests.Mirror;

public sealed class InventoryComparisonTests
{
    [Fact]
    public async Task Nothing_differs_between_a_cluster_and_itself() => Assert.Empty(await CompareAsync(Cluster(), Cluster()));

    [Fact]
    public async Task What_is_added_missing_and_changed_is_told_once_each_and_nothing_else()
    {
        var now = Cluster().Where(r => r.Kind != "Deployment").ToList();
        now.Add(Of("ConfigMap", "new", "c"));
        now[now.FindIndex(r => r.Kind == "Widget")] = Of("Widget", "w1", "f", "example.com");
        now.RemoveAll(r => r.Owner == "Deployment/web");

        Assert.Equal(
            ["Added ConfigMap default/new", "Changed Widget default/w1", "Missing Deployment default/web"],
            (await CompareAsync(Cluster(), now)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Pods_with_new_names_are_no_difference() =>
        Assert.Empty(await CompareAsync(Cluster(), Cluster().Select(r => r.Owner is null ? r : r with { Name = r.Name + "-again" })));

    [Fact]
    public async Task Fewer_ready_pods_are_told_by_their_owner() =>
        Assert.Equal(
            ["NotReady Pod default/Deployment/web"],
            await CompareAsync(Cluster(), Cluster().Select(r => r.Name == "web-1" ? r with { Ready = false } : r))
        );

    [Fact]
    public async Task A_pod_that_was_not_ready_either_is_no_difference() =>
        Assert.Empty(await CompareAsync(Cluster().Select(r => r.Owner is null ? r : r with { Ready = false }), Cluster()));

    [Fact]
    public async Task A_scaled_deployment_is_told_once() =>
        Assert.Equal(
            ["Changed Deployment default/web"],
            await CompareAsync(
                Cluster(),
                Cluster().Where(r => r.Name != "web-2").Select(r => r.Kind == "Deployment" ? r with { Sha256 = Sum("e") } : r)
            )
        );

    [Fact]
    public async Task Pods_of_jobs_that_a_schedule_makes_do_not_count() =>
        Assert.Empty(
            await CompareAsync(
                [.. Cluster(), Replica("nightly-1-x", "Job/nightly-1")],
                [.. Cluster(), Replica("nightly-2-x", "Job/nightly-2")]
            )
        );

    [Fact]
    public async Task Finished_pods_of_a_job_may_be_gone() =>
        Assert.Empty(
            await CompareAsync(
                [.. Cluster(), Of("Job", "import", "a", "batch"), Replica("import-x", "Job/import")],
                [.. Cluster(), Of("Job", "import", "a", "batch")]
            )
        );

    [Fact]
    public async Task A_bare_pod_that_no_longer_runs_is_told() =>
        Assert.Equal(
            ["NotReady Pod default/bare"],
            await CompareAsync(
                [.. Cluster(), Of("Pod", "bare", "a") with { Ready = true }],
                [.. Cluster(), Of("Pod", "bare", "a") with { Ready = false }]
            )
        );

    [Fact]
    public async Task Digests_of_two_api_versions_are_not_compared()
    {
        var comparison = new InventoryComparison("s", "c", d => Assert.Fail(d.ToString()));

        await comparison.RunAsync(
            () => Stream([Of("Widget", "w", "a", "example.com")]),
            Stream([Of("Widget", "w", "b", "example.com") with { Version = "v2" }]),
            CancellationToken.None
        );

        Assert.Equal(["Widget.example.com"], comparison.KindsOfOtherVersions);
    }

    [Fact]
    public async Task Counts_per_kind_add_up()
    {
        var comparison = new InventoryComparison("s", "c", _ => { });

        await comparison.RunAsync(() => Stream(Cluster()), Stream(Cluster().Where(r => r.Kind != "ConfigMap")), CancellationToken.None);

        var maps = Assert.Single(comparison.Summaries, s => s.Kind == "ConfigMap");
        Assert.Equal((1, 0, 1, 0, 0, 0), (maps.InSnapshot, maps.Compared, maps.Missing, maps.Added, maps.Changed, maps.NotReady));
        Assert.Equal((2, 2), comparison.Summaries.Where(s => s.Kind == "Pod").Select(s => (s.InSnapshot, s.Compared)).Single());
    }

    [Fact]
    public async Task A_kind_that_the_cluster_will_not_list_is_a_warning_and_not_a_loss()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
            context.Request.Path.Value switch
            {
                "/apis" => TestKubeServer.WriteJsonAsync(context, """{"groups": []}"""),
                "/api/v1" => TestKubeServer.WriteJsonAsync(
                    context,
                    """
                    {"resources": [{"name": "configmaps", "kind": "ConfigMap", "verbs": ["list"]},
                      {"name": "secrets", "kind": "Secret", "verbs": ["list"]}]}
                    """
                ),
                "/api/v1/configmaps" => TestKubeServer.WriteJsonAsync(context, """{"items": []}"""),
                _ => TestKubeServer.WriteJsonAsync(context, """{"message": "not for you"}""", 403),
            }
        );
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);
        var told = new List<string>();
        var warnings = new List<string>();
        var comparison = new InventoryComparison("s", "c", d => told.Add($"{d.Change} {d.Kind}"));

        await comparison.RunAsync(
            () => Stream([Of("ConfigMap", "a", "a"), Of("Secret", "b", "b")]),
            InventoryReader.RecordsAsync(api, warnings.Add, comparison.Unread),
            CancellationToken.None
        );

        Assert.Equal(["Missing ConfigMap"], told);
        Assert.Contains("secrets", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static List<InventoryRecord> Cluster() =>
        [
            Of("Node", "cp1", "1") with
            {
                Namespace = null,
            },
            Of("ConfigMap", "settings", "2"),
            Of("ConfigMap", "kube-root-ca.crt", "2") with
            {
                Sha256 = null,
                Namespace = "x",
                Kind = "Presence",
            },
            Replica("web-1", "Deployment/web"),
            Replica("web-2", "Deployment/web"),
            Of("Deployment", "web", "3", "apps"),
            Of("Widget", "w1", "4", "example.com"),
        ];

    private static InventoryRecord Of(string kind, string name, string digit, string group = "") =>
        new()
        {
            Group = group,
            Version = "v1",
            Kind = kind,
            Namespace = "default",
            Name = name,
            Sha256 = Sum(digit),
        };

    private static InventoryRecord Replica(string name, string owner) =>
        Of("Pod", name, "0") with
        {
            Sha256 = null,
            Owner = owner,
            Ready = true,
        };

    private static string Sum(string digit) => string.Concat(Enumerable.Repeat(digit, 64));

    private static async Task<List<string>> CompareAsync(IEnumerable<InventoryRecord> before, IEnumerable<InventoryRecord> now)
    {
        var told = new List<string>();
        await new InventoryComparison("s", "c", d => told.Add($"{d.Change} {d.Kind} {d.Namespace}/{d.Name}")).RunAsync(
            () => Stream(before),
            Stream(now),
            CancellationToken.None
        );
        return told;
    }

    private static async IAsyncEnumerable<InventoryRecord> Stream(IEnumerable<InventoryRecord> records)
    {
        await Task.CompletedTask;
        foreach (var record in records)
        {
            yield return record;
        }
    }
}
