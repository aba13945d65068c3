using EtcdDr.Engine.Snapshots;
using EtcdDr.Lab.ObjectStorage;
using EtcdDr.Tests.Etcd;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots.Places;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Snapshots of real members that stream into a bucket.</summary>
[Trait("Category", "Lab")]
public sealed class NewSnapshotInPlaceTests : IAsyncLifetime
{
    private readonly RecordingSink _sink = new();
    private EtcdTestCluster _cluster = null!;
    private S3Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await S3Server.StartAsync();
        _cluster = await EtcdTestCluster.StartAsync(3);
        foreach (var i in Enumerable.Range(1, 120))
        {
            _cluster.Etcdctl("put", $"/registry/configmaps/default/c{i}", new string('v', 100_000));
        }
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Snapshot_streams_into_a_bucket_and_is_proven_there()
    {
        var snapshot = await TakeAsync();

        Assert.Equal($"s3://backups/prod/{snapshot.Name}", snapshot.Path);
        await using var connection = await _cluster.ConnectAsync();
        Assert.Equal((await connection.HashKvAsync(snapshot.Revision!.Value, default)).Hash, snapshot.HashKv);
        Assert.Contains(_server.Calls, c => c.Operation == "UploadPart" && c.Key.EndsWith("etcd-snapshot.db", StringComparison.Ordinal));
        Assert.Equal(
            snapshot
                .Files.Select(f => $"prod/{snapshot.Name}/{f.Path}")
                .Append($"prod/{snapshot.Name}/snapshot.json")
                .Order(StringComparer.Ordinal),
            _server.Objects.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal("snapshot.json", _server.Calls.Where(c => c.Operation == "PutObject").Last().Key.Split('/')[^1]);
        foreach (var file in snapshot.Files)
        {
            var bytes = _server.Objects[$"prod/{snapshot.Name}/{file.Path}"].Content;
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
        }
    }

    [Fact]
    public async Task A_snapshot_that_fails_leaves_nothing_in_the_bucket()
    {
        foreach (var member in _cluster.Members)
        {
            File.Delete($"{member.Kubernetes}/pki/sa.key");
        }

        var failure = await Assert.ThrowsAsync<EtcdDrException>(TakeAsync);

        Assert.Equal("RemoteCommandFailed", failure.ErrorId);
        Assert.Empty(_server.Objects);
        Assert.Equal(0, _server.OpenUploads);
    }

    [Fact]
    public async Task Credentials_that_expire_in_the_middle_end_it_and_the_next_one_is_whole()
    {
        var parts = 0;
        _server.Faults = call => call.Operation == "UploadPart" && Interlocked.Increment(ref parts) == 1 ? S3Fault.Expired : S3Fault.None;

        var failure = await Assert.ThrowsAsync<EtcdDrException>(TakeAsync);

        Assert.Equal("PlaceNotAuthenticated", failure.ErrorId);
        Assert.Empty(_server.Objects);
        Assert.NotNull((await TakeAsync()).HashKv);
    }

    private async Task<EtcdSnapshot> TakeAsync()
    {
        await using var session = _cluster.CreateSession(_sink);
        var options = new NewSnapshotOptions
        {
            Destination = SnapshotLocation.Parse("s3://backups/prod") with { Place = S3Places.Settings(_server.Endpoint) },
        };
        return await new NewSnapshotOperation(session, options).RunAsync(_cluster.Cluster.Nodes, null, default);
    }
}
