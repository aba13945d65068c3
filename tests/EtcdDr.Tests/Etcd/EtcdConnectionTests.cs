using System.Security.Cryptography;
using EtcdDr.Engine.Etcd;

namespace EtcdDr.Tests.Etcd;

/// <summary>Against one real etcd with TLS.</summary>
[Trait("Category", "Lab")]
public sealed class EtcdConnectionTests : IAsyncLifetime
{
    private EtcdTestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await EtcdTestCluster.StartAsync(1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Status_tells_version_leader_and_revision()
    {
        Put("/a", "1");
        await using var connection = await _cluster.ConnectAsync();

        var status = await connection.StatusAsync(default);

        Assert.StartsWith("3.", status.Version, StringComparison.Ordinal);
        Assert.True(status.IsLeader);
        Assert.Equal(2, status.Revision);
        Assert.True(status.DbSize > 0);
        Assert.Empty(status.Errors);
        Assert.True(await connection.IsHealthyAsync(default));
    }

    [Fact]
    public async Task Members_and_keys_are_listed()
    {
        Put("/a/1", "x");
        Put("/a/2", "y");
        Put("/b/1", "z");
        await using var connection = await _cluster.ConnectAsync();

        var member = Assert.Single(await connection.MembersAsync(default));
        var keys = new List<string>();
        await foreach (var key in connection.KeysAsync("/a/", default))
        {
            keys.Add(key);
        }

        Assert.Equal("m1", member.Name);
        Assert.Equal(["/a/1", "/a/2"], keys);
        Assert.Equal(3, await connection.CountKeysAsync(0, default));
        Assert.Equal("y"u8.ToArray(), (await connection.GetAsync("/a/2", default))!.Value.ToArray());
        Assert.True(await connection.DeleteAsync("/a/2", default));
        Assert.False(await connection.DeleteAsync("/a/2", default));
        Assert.Null(await connection.GetAsync("/a/2", default));
        Assert.Empty(await connection.AlarmsAsync(default));
    }

    [Fact]
    public async Task HashKV_at_a_revision_stays_the_same_while_the_keyspace_changes()
    {
        Put("/a", "1");
        await using var connection = await _cluster.ConnectAsync();
        var before = await connection.HashKvAsync(2, default);
        Put("/a", "2");

        var after = await connection.HashKvAsync(2, default);
        var now = await connection.HashKvAsync(0, default);

        Assert.Equal(before.Hash, after.Hash);
        Assert.NotEqual(before.Hash, now.Hash);
        Assert.Equal(3, now.CurrentRevision);
    }

    [Fact]
    public async Task HashKV_of_a_revision_to_come_is_a_clear_error()
    {
        await using var connection = await _cluster.ConnectAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.HashKvAsync(1000, default));

        Assert.Equal("EtcdRevisionUnavailable", error.ErrorId);
        Assert.Contains("m1", error.Message, StringComparison.Ordinal);
        Assert.Contains($":{_cluster.Members[0].ClientPort}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_is_what_etcdctl_calls_a_whole_snapshot()
    {
        for (var i = 0; i < 50; i++)
        {
            Put($"/key/{i}", new string('v', 50_000));
        }

        await using var connection = await _cluster.ConnectAsync();
        var file = Path.Combine(_cluster.Root, "snapshot.db");
        EtcdDatabaseStream stream;
        await using (var destination = File.Create(file))
        {
            stream = await connection.SnapshotAsync(destination, null, default);
        }

        var bytes = await File.ReadAllBytesAsync(file);
        Assert.Equal(stream.Length, bytes.Length);
        Assert.Equal(stream.Sha256, Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant());
        Assert.Equal(SHA256.HashData(bytes.AsSpan(..^32)), bytes[^32..]);
        Assert.Contains("51", Etcdctl("snapshot", "status", file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_that_breaks_off_is_an_error_that_says_so()
    {
        for (var i = 0; i < 50; i++)
        {
            Put($"/key/{i}", new string('v', 50_000));
        }

        var host = _cluster.Members[0].CreateHost();
        host.CutAfter = 1_000_000;
        await using var session = _cluster.CreateSession(null, host);
        await using var connection = await EtcdConnection.ConnectAsync(
            session,
            _cluster.Members[0].Node,
            _cluster.Members[0].Configuration,
            default
        );

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.SnapshotAsync(Stream.Null, null, default));

        Assert.Equal("SnapshotTruncated", error.ErrorId);
    }

    [Fact]
    public async Task Failure_of_the_disk_is_told_and_not_the_stopped_stream()
    {
        for (var i = 0; i < 50; i++)
        {
            Put($"/key/{i}", new string('v', 50_000));
        }

        await using var connection = await _cluster.ConnectAsync();

        var error = await Assert.ThrowsAsync<IOException>(() => connection.SnapshotAsync(new FullDisk(), null, default));

        Assert.Equal("No space left on device", error.Message);
    }

    [Fact]
    public async Task Cancelling_a_snapshot_is_a_cancellation()
    {
        using var stop = new CancellationTokenSource();
        await using var connection = await _cluster.ConnectAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.SnapshotAsync(Stream.Null, null, stop.Token));
    }

    [Fact]
    public async Task Member_that_is_down_is_unreachable_and_not_healthy()
    {
        await using var connection = await _cluster.ConnectAsync();
        _cluster.Members[0].Stop();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.StatusAsync(default));

        Assert.Equal("EtcdUnreachable", error.ErrorId);
        Assert.Contains("m1", error.Message, StringComparison.Ordinal);
        Assert.False(await connection.IsHealthyAsync(default));
    }

    [Fact]
    public async Task Member_that_hangs_is_late_and_no_cancellation()
    {
        await using var connection = await _cluster.ConnectAsync(time: new SlowClock());
        await connection.StatusAsync(default);
        _cluster.Members[0].Suspend();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.StatusAsync(default));

        Assert.Equal("EtcdTimeout", error.ErrorId);
        Assert.False(await connection.IsHealthyAsync(default));
    }

    [Fact]
    public async Task Server_certificate_of_another_CA_is_refused()
    {
        using var stranger = new TestPki($"{_cluster.Root}/stranger");
        var (certificate, key) = stranger.Issue("client", server: false);
        File.Copy(certificate, $"{_cluster.Root}/apiserver-etcd-client.crt");
        File.Copy(key, $"{_cluster.Root}/apiserver-etcd-client.key");
        File.Copy(stranger.CaFile, _cluster.Pki.CaFile, overwrite: true);
        await using var connection = await _cluster.ConnectAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.StatusAsync(default));

        Assert.Equal("EtcdCertificateInvalid", error.ErrorId);
    }

    [Fact]
    public async Task Server_certificate_without_the_address_is_refused()
    {
        _cluster.Pki.Issue("server", address: "127.0.0.9");
        await using var connection = await _cluster.ConnectAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => connection.StatusAsync(default));

        Assert.Equal("EtcdCertificateInvalid", error.ErrorId);
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_certificate_of_another_CA_is_passed_over_for_one_of_etcds_own()
    {
        using var stranger = new TestPki($"{_cluster.Root}/stranger");
        var (certificate, key) = stranger.Issue("client", server: false);
        File.Copy(certificate, $"{_cluster.Root}/apiserver-etcd-client.crt");
        File.Copy(key, $"{_cluster.Root}/apiserver-etcd-client.key");
        await using var connection = await _cluster.ConnectAsync();

        Assert.Equal("m1", (await connection.MembersAsync(default)).Single().Name);
    }

    [Fact]
    public async Task Client_certificates_that_are_all_of_another_CA_are_told_with_the_reason()
    {
        using var stranger = new TestPki($"{_cluster.Root}/stranger");
        var (certificate, key) = stranger.Issue("client", server: false);
        File.Copy(certificate, $"{_cluster.Pki.Directory}/server.crt", overwrite: true);
        File.Copy(key, $"{_cluster.Pki.Directory}/server.key", overwrite: true);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => _cluster.ConnectAsync());

        Assert.Equal("EtcdClientCertificateMissing", error.ErrorId);
        Assert.Contains("server.crt is not signed by", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expired_client_certificate_is_passed_over_for_a_valid_one()
    {
        var (certificate, key) = _cluster.Pki.Issue("old", server: false, validFor: TimeSpan.FromMinutes(-5));
        File.Copy(certificate, $"{_cluster.Root}/apiserver-etcd-client.crt");
        File.Copy(key, $"{_cluster.Root}/apiserver-etcd-client.key");
        await using var connection = await _cluster.ConnectAsync();

        Assert.Equal("m1", (await connection.MembersAsync(default)).Single().Name);
    }

    [Fact]
    public async Task Missing_client_certificates_are_named()
    {
        File.Delete($"{_cluster.Pki.Directory}/server.key");

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => _cluster.ConnectAsync());

        Assert.Equal("EtcdClientCertificateMissing", error.ErrorId);
        Assert.Contains("server.crt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_CA_is_named()
    {
        File.Delete(_cluster.Pki.CaFile);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => _cluster.ConnectAsync());

        Assert.Equal("EtcdCertificateNotFound", error.ErrorId);
        Assert.Contains(_cluster.Pki.CaFile, error.Message, StringComparison.Ordinal);
    }

    private void Put(string key, string value) => Etcdctl("put", key, value);

    private string Etcdctl(params string[] arguments) => _cluster.Etcdctl(arguments);

    private sealed class FullDisk : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("No space left on device");
    }

    /// <summary>A clock that is behind, so that deadlines are a second away.</summary>
    private sealed class SlowClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - TimeSpan.FromSeconds(9);
    }
}
