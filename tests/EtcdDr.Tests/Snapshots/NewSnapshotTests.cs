using System.Diagnostics;
using System.Security.Cryptography;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Tests.Etcd;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Kube;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Snapshots of three real members with TLS.</summary>
[Trait("Category", "Lab")]
public sealed class NewSnapshotTests : IAsyncLifetime
{
    private readonly RecordingSink _sink = new();
    private EtcdTestCluster _cluster = null!;

    private string Backups => $"{_cluster.Root}/backups";

    private SnapshotLocation Here => SnapshotLocation.Parse(Backups);

    public async Task InitializeAsync()
    {
        _cluster = await EtcdTestCluster.StartAsync(3);
        foreach (var i in Enumerable.Range(1, 20))
        {
            _cluster.Etcdctl("put", $"/registry/configmaps/default/c{i}", new string('v', 20_000));
        }

        _cluster.Etcdctl("del", "/registry/configmaps/default/c1");
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Snapshot_is_whole_and_its_manifest_tells_the_truth()
    {
        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here, Label = "after first configuration" });

        var manifest = SnapshotManifest.Parse(await File.ReadAllBytesAsync($"{snapshot.Path}/snapshot.json"), "snapshot.json");
        Assert.Equal(22, manifest.Revision);
        Assert.Equal(19, manifest.KeyCount);
        Assert.Equal("10.244.0.0/16", manifest.PodCidr);
        Assert.Equal(["https://kubernetes.default.svc.cluster.local"], manifest.ServiceAccountIssuers);
        Assert.False(manifest.EncryptionAtRest);
        Assert.Equal("test", manifest.KubernetesVersion);
        Assert.Contains("inventory", Assert.Single(manifest.Warnings), StringComparison.Ordinal);
        Assert.Equal("the signing key", await File.ReadAllTextAsync($"{snapshot.Path}/keys/sa.key"));
        Assert.Equal("after first configuration", snapshot.Label);
        await using var connection = await _cluster.ConnectAsync();
        Assert.Equal((await connection.HashKvAsync(22, default)).Hash, snapshot.HashKv);
        CheckFiles(snapshot);
        Assert.Contains("22", _cluster.Etcdctl("snapshot", "status", $"{snapshot.Path}/etcd-snapshot.db"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_control_plane_node_is_archived_without_copies_of_databases()
    {
        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here });

        Assert.Equal(
            [
                "nodes/m1/cni.tar.gz",
                "nodes/m1/etc-kubernetes.tar.gz",
                "nodes/m2/cni.tar.gz",
                "nodes/m2/etc-kubernetes.tar.gz",
                "nodes/m3/cni.tar.gz",
                "nodes/m3/etc-kubernetes.tar.gz",
            ],
            snapshot.Files.Select(f => f.Path).Where(p => p.StartsWith("nodes/", StringComparison.Ordinal))
        );
        var content = Run("tar", "-tzf", $"{snapshot.Path}/nodes/m2/etc-kubernetes.tar.gz");
        Assert.Contains("etc/kubernetes/manifests/etcd.yaml", content, StringComparison.Ordinal);
        Assert.DoesNotContain("kubeadm-backup", content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Member_that_is_down_is_a_warning_and_its_node_is_archived_all_the_same()
    {
        _cluster.Members[2].Stop();

        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here });

        Assert.Contains(_sink.Warnings, w => w.Contains("m3", StringComparison.Ordinal));
        Assert.Contains(snapshot.Files, f => f.Path == "nodes/m3/etc-kubernetes.tar.gz");
        Assert.Equal(22, snapshot.Revision);
    }

    [Fact]
    public async Task A_service_account_key_that_differs_between_nodes_is_a_warning_that_the_manifest_keeps()
    {
        await File.WriteAllTextAsync($"{_cluster.Members[2].Kubernetes}/pki/sa.key", "another key");

        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here });

        // The leader may be any of the three: one or two others differ from it.
        var differing = await File.ReadAllTextAsync($"{snapshot.Path}/keys/sa.key") == "another key" ? 2 : 1;
        var manifest = SnapshotManifest.Parse(await File.ReadAllBytesAsync($"{snapshot.Path}/snapshot.json"), "snapshot.json");
        var told = manifest.Warnings.Where(w => w.Contains("service-account signing key", StringComparison.Ordinal)).ToList();
        Assert.Equal(differing, told.Count);
        Assert.All(told, w => Assert.Contains(w, _sink.Warnings));
    }

    [Fact]
    public async Task Node_that_cannot_be_reached_is_a_warning()
    {
        var snapshot = await TakeAsync(
            new NewSnapshotOptions { Destination = Here },
            _cluster.Members[0].CreateHost(),
            _cluster.Members[1].CreateHost()
        );

        Assert.Contains(_sink.Warnings, w => w.Contains("no archives", StringComparison.Ordinal));
        Assert.DoesNotContain(snapshot.Files, f => f.Path.StartsWith("nodes/m3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_quorum_it_is_refused_and_with_force_it_is_taken()
    {
        _cluster.Members[1].Stop();
        _cluster.Members[2].Stop();
        await WaitUntilLeaderlessAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(new NewSnapshotOptions { Destination = Here }));
        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here, Force = true });

        Assert.Equal("EtcdNoLeader", error.ErrorId);
        Assert.Equal(22, snapshot.Revision);
        Assert.Equal([snapshot.Name], Directory.GetFileSystemEntries(Backups).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Stream_that_breaks_off_leaves_nothing_behind()
    {
        var hosts = _cluster.Members.Select(m => m.CreateHost()).ToArray();
        foreach (var host in hosts)
        {
            host.CutAfter = 200_000;
        }

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(new NewSnapshotOptions { Destination = Here }, hosts));

        Assert.Equal("SnapshotTruncated", error.ErrorId);
        Assert.Empty(Directory.GetFileSystemEntries(Backups));
    }

    [Fact]
    public async Task Missing_key_ends_it_and_leaves_nothing_behind()
    {
        foreach (var member in _cluster.Members)
        {
            File.Delete($"{member.Kubernetes}/pki/sa.key");
        }

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(new NewSnapshotOptions { Destination = Here }));

        Assert.Equal("RemoteCommandFailed", error.ErrorId);
        Assert.Contains("sa.key", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Backups));
    }

    [Fact]
    public async Task Writes_during_the_snapshot_do_not_confuse_the_proof()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                _cluster.Etcdctl("put", "/registry/leases/node", $"{i}");
            }
        });

        var snapshot = await TakeAsync(new NewSnapshotOptions { Destination = Here });
        await stop.CancelAsync();
        await writing;

        await using var connection = await _cluster.ConnectAsync(1);
        Assert.Equal((await connection.HashKvAsync(snapshot.Revision!.Value, default)).Hash, snapshot.HashKv);
    }

    [Fact]
    public async Task During_a_restore_it_is_refused_and_beside_another_snapshot_it_is_taken()
    {
        await using var other = _cluster.CreateSession(_sink);
        await using (await LockAsync(other, LockMode.Exclusive, "restore of s1"))
        {
            var error = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(new NewSnapshotOptions { Destination = Here }));

            Assert.Equal("ClusterLocked", error.ErrorId);
            Assert.Contains("restore of s1", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(Backups));
        }

        await using var shared = await LockAsync(other, LockMode.Shared, "snapshot s2");
        Assert.Equal(22, (await TakeAsync(new NewSnapshotOptions { Destination = Here })).Revision);
    }

    [Fact]
    public async Task Api_that_dies_in_mid_inventory_is_a_warning_and_the_snapshot_is_whole()
    {
        await using var server = await TestKubeServer.StartAsync(context =>
        {
            var answer = context.Request.Path.Value switch
            {
                "/version" => """{"gitVersion": "v1.36.1"}""",
                "/apis" => """{"groups": []}""",
                "/api/v1" => """{"resources": [{"name": "pods", "kind": "Pod", "verbs": ["list"]}]}""",
                _ => null,
            };
            if (answer is null && context.Request.Path == "/api/v1/pods")
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return TestKubeServer.WriteJsonAsync(context, answer ?? "{}", answer is null ? 404 : 200);
        });
        await using var api = await KubeApi.ConnectAsync(server.Cluster(), default, settings: TestKubeServer.Quick);
        await using var session = _cluster.CreateSession(_sink);

        var snapshot = await new NewSnapshotOperation(session, new NewSnapshotOptions { Destination = Here }).RunAsync(
            _cluster.Cluster.Nodes,
            api,
            default
        );

        CheckFiles(snapshot);
        Assert.DoesNotContain(snapshot.Files, f => f.Path.StartsWith("inventory/", StringComparison.Ordinal));
        Assert.Contains("/api/v1/pods", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
        Assert.Equal("v1.36.1", snapshot.KubernetesVersion);
    }

    [Fact]
    public async Task What_a_killed_command_left_is_named_in_a_warning_and_left_alone()
    {
        var left = Directory.CreateDirectory($"{Backups}/.etcd_snapshot_2026-01-01_00-00-00.partial").FullName;

        await TakeAsync(new NewSnapshotOptions { Destination = Here });

        Assert.Contains(_sink.Warnings, w => w.Contains(left, StringComparison.Ordinal));
        Assert.True(Directory.Exists(left));
    }

    private Task<ClusterLock> LockAsync(ClusterSession session, LockMode mode, string purpose) =>
        ClusterLock.TakeAsync(session, _cluster.Cluster.Nodes, mode, purpose, breakOthers: false, default);

    private async Task<EtcdSnapshot> TakeAsync(NewSnapshotOptions options, params LocalHost[] hosts)
    {
        await using var session = _cluster.CreateSession(_sink, hosts);
        return await new NewSnapshotOperation(session, options).RunAsync(_cluster.Cluster.Nodes, null, default);
    }

    private async Task WaitUntilLeaderlessAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var connection = await _cluster.ConnectAsync(0, null, limit.Token);
        while ((await connection.StatusAsync(limit.Token)).LeaderId != 0)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private static void CheckFiles(EtcdSnapshot snapshot)
    {
        foreach (var file in snapshot.Files)
        {
            var bytes = File.ReadAllBytes($"{snapshot.Path}/{file.Path}");
            Assert.Equal(file, new SnapshotFile(file.Path, bytes.Length, Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant()));
        }

        var found = Directory
            .GetFiles(snapshot.Path, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(snapshot.Path, f))
            .Order(StringComparer.Ordinal);
        Assert.Equal(found, snapshot.Files.Select(f => f.Path).Append("snapshot.json").Order(StringComparer.Ordinal));
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
