using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Objects;
using EtcdDr.Lab.ObjectStorage;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>What becomes of a snapshot that streams into a bucket while it is taken, when the server or the way to it fails.</summary>
public sealed class DraftFaultTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 23, 53, 31, TimeSpan.Zero);
    private readonly byte[] _content = RandomNumberGenerator.GetBytes((30 * 1024 * 1024) + 7);
    private readonly List<string> _warnings = [];
    private S3Server _server = null!;

    public async Task InitializeAsync() => _server = await S3Server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("UploadPart", S3Fault.SlowDown)]
    [InlineData("UploadPart", S3Fault.Cut)]
    [InlineData("UploadPart", S3Fault.WrongSum)]
    [InlineData("UploadPart", S3Fault.CutAnswer)]
    [InlineData("CreateMultipartUpload", S3Fault.CutAnswer)]
    [InlineData("CompleteMultipartUpload", S3Fault.CutAnswer)]
    [InlineData("PutObject", S3Fault.CutAnswer)]
    [InlineData("ListObjectsV2", S3Fault.SlowDown)]
    public async Task A_request_that_fails_twice_is_asked_again_and_nobody_notices(string operation, S3Fault fault)
    {
        var failed = 0;
        _server.Faults = call => call.Operation == operation && Interlocked.Increment(ref failed) <= 2 ? fault : S3Fault.None;
        await using var store = Open();

        var name = await TakeAsync(store);

        Assert.Equal(_content, _server.Objects[$"new/store/{name}/etcd-snapshot.db"].Content);
        Assert.True(_server.Objects.ContainsKey($"new/store/{name}/snapshot.json"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_server_that_is_away_for_a_while_is_waited_for_and_the_stream_with_it()
    {
        var parts = 0;
        DateTime? away = null;
        _server.Faults = call =>
        {
            if (call.Operation == "UploadPart" && Interlocked.Increment(ref parts) == 2)
            {
                away = DateTime.UtcNow.AddSeconds(3);
            }

            return DateTime.UtcNow < away ? S3Fault.Cut : S3Fault.None;
        };
        await using var store = Open();

        var name = await TakeAsync(store);

        Assert.Equal(_content, _server.Objects[$"new/store/{name}/etcd-snapshot.db"].Content);
    }

    [Theory]
    [InlineData(S3Fault.Expired, "PlaceNotAuthenticated")]
    [InlineData(S3Fault.Full, "DestinationFull")]
    [InlineData(S3Fault.Denied, "DestinationNotWritable")]
    [InlineData(S3Fault.WrongSum, "CopyNotVerified")]
    [InlineData(S3Fault.SlowDown, "PlaceUnreachable")]
    public async Task What_fails_for_good_says_what_it_is_counts_as_nothing_and_the_next_one_is_whole(S3Fault fault, string error)
    {
        var parts = 0;
        _server.Faults = call => call.Operation == "UploadPart" && Interlocked.Increment(ref parts) > 1 ? fault : S3Fault.None;
        await using var store = Open(TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(store));

        Assert.Equal(error, failure.ErrorId);
        Assert.Contains("s3://backups/new/store", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.SecretKey, failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(_server.Objects);
        Assert.Equal(0, _server.OpenUploads);
        _server.Faults = _ => S3Fault.None;
        Assert.Contains($"new/store/{await TakeAsync(store)}/snapshot.json", _server.Objects.Keys);
    }

    [Fact]
    public async Task Credentials_that_expire_leave_what_nobody_may_remove_any_more_and_say_how_it_goes()
    {
        var parts = 0;
        var expired = false;
        _server.Faults = call =>
        {
            expired |= call.Operation == "UploadPart" && Interlocked.Increment(ref parts) > 2;
            return expired ? S3Fault.Expired : S3Fault.None;
        };
        await using var store = Open();

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => TakeAsync(store));

        Assert.Equal("PlaceNotAuthenticated", failure.ErrorId);
        Assert.Contains("Remove-EtcdSnapshot -Unfinished", Assert.Single(_warnings), StringComparison.Ordinal);
        _server.Faults = _ => S3Fault.None;
        await using var renewed = Open();
        Assert.DoesNotContain(await renewed.ListDirectoryAsync(string.Empty, default), e => !SnapshotNames.IsUnfinished(e.Name));
        var left = Assert.Single(await renewed.FindUnfinishedAsync(default));
        await TakeAsync(renewed);
        await renewed.RemoveUnfinishedAsync(left.Name, default);
        Assert.Empty(await renewed.FindUnfinishedAsync(default));
        Assert.Single(await renewed.ListDirectoryAsync(string.Empty, default));
    }

    [Fact]
    public async Task What_another_put_among_the_files_is_noticed_before_it_is_published()
    {
        await using var store = Open();
        await using var writer = await SnapshotWriter.CreateAsync(store, Now);
        await writer.WriteAsync("keys/sa.key", new byte[] { 1 }, default);
        _server.Plant($"new/store/{writer.Name}/keys/sa.key", [2]);

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => CompleteAsync(writer));

        Assert.Equal("CopyNotVerified", failure.ErrorId);
        Assert.DoesNotContain($"new/store/{writer.Name}/snapshot.json", _server.Objects.Keys);
    }

    [Fact]
    public async Task The_answer_to_the_manifest_that_is_lost_for_good_leaves_a_whole_snapshot()
    {
        _server.Faults = call =>
            call.Key.EndsWith("snapshot.json", StringComparison.Ordinal) && call.Operation == "PutObject"
                ? S3Fault.CutAnswer
                : S3Fault.None;
        await using var store = Open(TimeSpan.FromSeconds(1));

        await Record.ExceptionAsync(() => TakeAsync(store));

        var name = SnapshotNames.For(Now);
        Assert.True(_server.Objects.ContainsKey($"new/store/{name}/snapshot.json"));
        Assert.Equal(_content, _server.Objects[$"new/store/{name}/etcd-snapshot.db"].Content);
    }

    [Fact]
    public async Task A_clock_that_is_twenty_minutes_off_is_followed()
    {
        await using var server = await S3Server.StartAsync(new ShiftedTime(TimeSpan.FromMinutes(20)));
        await using var store = S3Places.Open(server);

        var name = await TakeAsync(store);

        Assert.Contains($"new/store/{name}/snapshot.json", server.Objects.Keys);
    }

    private ObjectStore Open(TimeSpan? limit = null) => S3Places.Open(_server, warn: _warnings.Add, limit: limit);

    private async Task<string> TakeAsync(ObjectStore store)
    {
        await using var writer = await SnapshotWriter.CreateAsync(store, Now);
        await writer.WriteAsync("keys/sa.key", new byte[] { 1, 2, 3 }, default);
        await writer.WriteDatabaseAsync(
            "etcd-snapshot.db",
            async stream =>
            {
                foreach (var piece in _content.Chunk(262_144))
                {
                    await stream.WriteAsync(piece);
                }

                return Convert.ToHexStringLower(SHA256.HashData(_content));
            }
        );
        await CompleteAsync(writer);
        return writer.Name;
    }

    private static Task<string> CompleteAsync(SnapshotWriter writer) =>
        writer.CompleteAsync(new SnapshotManifest { Created = writer.Time.UtcDateTime, Files = writer.Files }, default);

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
