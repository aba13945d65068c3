using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Tests.Snapshots;

/// <summary>What the kube API adds to a snapshot, and what becomes of the snapshot without it.</summary>
public sealed class SnapshotInventoryTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/version"] = """{"gitVersion": "v1.36.1"}""",
        ["/api/v1/namespaces/kube-system/configmaps/kubeadm-config"] =
            """{"data": {"ClusterConfiguration": "networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}\n"}}""",
        ["/apis"] = """{"groups": []}""",
        ["/api/v1"] = """
            {"resources": [{"name": "pods", "kind": "Pod", "verbs": ["list"]}, {"name": "services",
              "kind": "Service", "verbs": ["list"]}]}
            """,
        ["/api/v1/pods"] = """
            {"items": [{"metadata": {"namespace": "default", "name": "web"}, "spec": {"containers": [{}]},
              "status": {"phase": "Running"}}]}
            """,
        ["/api/v1/services"] = """{"items": []}""",
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;
    private TestKubeServer _server = null!;
    private SnapshotWriter _writer = null!;
    private Func<HttpContext, bool> _dies = _ => false;

    private string At(string path) => Path.Combine(_directory, SnapshotNames.PartialOf(_writer.Name), path);

    public async Task InitializeAsync()
    {
        _server = await TestKubeServer.StartAsync(AnswerAsync);
        _writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), DateTimeOffset.UnixEpoch);
        await _writer.WriteAsync("keys/sa.pub", new byte[] { 1 }, default);
    }

    public async Task DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Inventory_is_among_the_files_and_facts_come_from_the_api()
    {
        await using var api = await ConnectAsync();

        var inventory = await SnapshotInventory.WriteAsync(api, null, null, _writer, default);

        Assert.Equal(
            [
                "inventory/kubeadm-config.yaml",
                "inventory/objects.jsonl",
                "inventory/pods.json",
                "inventory/pods.txt",
                "inventory/services.json",
                "inventory/services.txt",
                "keys/sa.pub",
            ],
            _writer.Files.Select(f => f.Path)
        );
        Assert.All(_writer.Files, f => Assert.Equal(new FileInfo(At(f.Path)).Length, f.Size));
        Assert.Equal(
            ("v1.36.1", "10.244.0.0/16", "10.96.0.0/12"),
            (inventory.Facts.KubernetesVersion, inventory.Facts.PodCidr, inventory.Facts.ServiceCidr)
        );
        Assert.Empty(inventory.Warnings);
    }

    [Fact]
    public async Task Api_that_dies_meanwhile_leaves_no_half_inventory_and_the_rest_as_it_was()
    {
        _dies = context => context.Request.Path == "/api/v1/services";
        await using var api = await ConnectAsync();

        var inventory = await SnapshotInventory.WriteAsync(api, null, null, _writer, default);

        Assert.Equal(["keys/sa.pub"], _writer.Files.Select(f => f.Path));
        Assert.False(Directory.Exists(At("inventory")));
        Assert.Contains("/api/v1/services", Assert.Single(inventory.Warnings), StringComparison.Ordinal);
        Assert.Equal("10.244.0.0/16", inventory.Facts.PodCidr);
    }

    [Fact]
    public async Task Api_that_does_not_answer_is_a_warning_with_its_reason()
    {
        _dies = _ => true;
        await using var api = await ConnectAsync();

        var inventory = await SnapshotInventory.WriteAsync(api, null, null, _writer, default);

        Assert.Contains("holds no inventory: The kube API", Assert.Single(inventory.Warnings), StringComparison.Ordinal);
        Assert.Null(inventory.Facts.KubernetesVersion);
    }

    [Fact]
    public async Task Without_an_api_there_is_a_warning()
    {
        var inventory = await SnapshotInventory.WriteAsync(null, null, null, _writer, default);

        Assert.Contains("no inventory", Assert.Single(inventory.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_of_the_disk_is_no_warning()
    {
        await using var api = await ConnectAsync();
        File.WriteAllText(At("inventory"), "in the way");

        await Assert.ThrowsAsync<EtcdDrException>(() => SnapshotInventory.WriteAsync(api, null, null, _writer, default));
    }

    private Task<KubeApi> ConnectAsync() => KubeApi.ConnectAsync(_server.Cluster(), CancellationToken.None, settings: TestKubeServer.Quick);

    private Task AnswerAsync(HttpContext context)
    {
        if (_dies(context))
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return Answers.TryGetValue(context.Request.Path.Value!, out var answer)
            ? TestKubeServer.WriteJsonAsync(context, answer)
            : TestKubeServer.WriteJsonAsync(context, """{"message": "not here"}""", 404);
    }
}
