using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Objects;
using EtcdDr.Lab.ObjectStorage;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>What becomes of snapshots in object storage when a server, the way to it, or this machine fails.</summary>
public sealed class ObjectFaultTests : IAsyncLifetime
{
    private const string Name = "etcd_snapshot_2026-11-22_23-53-31";
    private readonly List<string> _warnings = [];
    private S3Server _server = null!;

    public async Task InitializeAsync() => _server = await S3Server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_file_goes_in_parts_and_a_cut_one_goes_on_from_the_parts_that_are_right(bool sums)
    {
        _server.TellsSums = sums;

        await PartsCheck.RunAsync(() => Open(), default);

        // Four parts, of which the cut upload sent at least one: with it the second sends the rest.
        Assert.InRange(_server.Calls.Count(c => c.Operation == "UploadPart"), 4, 4 + 1);
        Assert.Equal(0, _server.OpenUploads);
    }

    [Fact]
    public async Task A_part_of_a_cut_upload_that_is_wrong_is_sent_again()
    {
        var content = RandomNumberGenerator.GetBytes(20 * 1024 * 1024);
        await using var store = Open();
        var other = RandomNumberGenerator.GetBytes(content.Length);
        await using (var upload = await store.UploadAsync(PartsCheck.Upload(other, cutAfter: 18 * 1024 * 1024), default))
        {
            await Assert.ThrowsAsync<EtcdDrException>(() => upload.WriteAsync(PartsCheck.Entry(other), default));
        }

        await PublishAsync(store, content);

        Assert.Equal(content, _server.Objects[$"new/store/{Name}/etcd-snapshot.db"].Content);
    }

    [Theory]
    [InlineData("UploadPart", S3Fault.SlowDown)]
    [InlineData("UploadPart", S3Fault.Cut)]
    [InlineData("UploadPart", S3Fault.WrongSum)]
    [InlineData("UploadPart", S3Fault.CutAnswer)]
    [InlineData("CreateMultipartUpload", S3Fault.CutAnswer)]
    [InlineData("CompleteMultipartUpload", S3Fault.SlowDown)]
    [InlineData("CompleteMultipartUpload", S3Fault.CutAnswer)]
    [InlineData("PutObject", S3Fault.CutAnswer)]
    [InlineData("ListObjectsV2", S3Fault.SlowDown)]
    [InlineData("ListMultipartUploads", S3Fault.Cut)]
    [InlineData("GetObject", S3Fault.HalfAnswer)]
    [InlineData("GetObject", S3Fault.Cut)]
    public async Task A_request_that_fails_once_is_asked_again_and_nobody_notices(string operation, S3Fault fault)
    {
        var content = RandomNumberGenerator.GetBytes(20 * 1024 * 1024);
        FailOnce(operation, fault);
        await using var store = Open();

        await PublishAsync(store, content);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), await store.Sha256Async($"{Name}/etcd-snapshot.db", default));
        Assert.Contains(_server.Calls, c => c.Operation == operation);
        Assert.NotNull(await store.StatAsync(Name, default));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(S3Fault.Expired, "PlaceNotAuthenticated")]
    [InlineData(S3Fault.Full, "DestinationFull")]
    [InlineData(S3Fault.Denied, "DestinationNotWritable")]
    [InlineData(S3Fault.WrongSum, "CopyNotVerified")]
    [InlineData(S3Fault.SlowDown, "PlaceUnreachable")]
    public async Task What_fails_for_good_says_what_it_is_and_a_rerun_goes_on(S3Fault fault, string error)
    {
        var content = RandomNumberGenerator.GetBytes(30 * 1024 * 1024);
        var parts = 0;
        _server.Faults = call => call.Operation == "UploadPart" && Interlocked.Increment(ref parts) > 1 ? fault : S3Fault.None;
        await using (var store = Open(limit: TimeSpan.FromSeconds(1)))
        {
            var failure = await Assert.ThrowsAsync<EtcdDrException>(() => PublishAsync(store, content));
            Assert.Equal(error, failure.ErrorId);
            Assert.Contains("s3://backups/new/store", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(S3Server.SecretKey, failure.ToString(), StringComparison.Ordinal);
        }

        _server.Faults = _ => S3Fault.None;
        await using var again = Open();
        Assert.Null(await again.StatAsync(Name, default));
        Assert.Single(await again.FindUnfinishedAsync(default));
        await PublishAsync(again, content);
        Assert.Equal(content, _server.Objects[$"new/store/{Name}/etcd-snapshot.db"].Content);
        Assert.Equal(0, _server.OpenUploads);
    }

    [Fact]
    public async Task What_dies_at_any_request_of_an_upload_is_no_snapshot_and_a_rerun_ends_it()
    {
        var content = RandomNumberGenerator.GetBytes(20 * 1024 * 1024);
        await using (var store = Open())
        {
            await PublishAsync(store, content);
        }

        var requests = _server.Calls.Count;
        for (var dies = 1; dies < requests; dies++)
        {
            await using var server = await S3Server.StartAsync();
            using var stop = new CancellationTokenSource();
            var seen = 0;
            server.Faults = _ =>
            {
                if (Interlocked.Increment(ref seen) == dies)
                {
                    stop.Cancel();
                }

                return stop.IsCancellationRequested ? S3Fault.Cut : S3Fault.None;
            };
            await using (var store = S3Places.Open(server))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PublishAsync(store, content, stop.Token));
            }

            server.Faults = _ => S3Fault.None;
            await using var again = S3Places.Open(server);
            if (await again.StatAsync(Name, default) is null)
            {
                await PublishAsync(again, content);
            }

            Assert.Equal(content, server.Objects[$"new/store/{Name}/etcd-snapshot.db"].Content);
            Assert.True(server.Objects.ContainsKey($"new/store/{Name}/snapshot.json"));
            Assert.Equal(0, server.OpenUploads);
        }
    }

    [Fact]
    public async Task A_server_that_ignores_conditions_is_found_out_and_told()
    {
        _server.IgnoresConditions = true;
        await using var store = Open();

        await PublishAsync(store, RandomNumberGenerator.GetBytes(100));

        Assert.Contains("If-None-Match", Assert.Single(_warnings), StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => PublishAsync(store, RandomNumberGenerator.GetBytes(100)));
        Assert.Equal("AlreadyExists", failure.ErrorId);
    }

    [Fact]
    public async Task Of_two_that_publish_one_name_at_once_one_is_told()
    {
        var content = RandomNumberGenerator.GetBytes(100);
        await using var first = Open();
        await using var second = Open();
        await using var one = await first.UploadAsync(PartsCheck.Upload(content), default);
        await using var other = await second.UploadAsync(PartsCheck.Upload(RandomNumberGenerator.GetBytes(100)), default);
        await one.WriteAsync(PartsCheck.Entry(content), default);
        await one.PublishAsync(default);

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => other.PublishAsync(default));

        Assert.Contains(failure.ErrorId, (string[])["AlreadyExists", "CopyNotVerified"]);
        Assert.Equal(content, _server.Objects[$"new/store/{Name}/etcd-snapshot.db"].Content);
    }

    [Fact]
    public async Task What_somebody_put_among_the_files_before_they_were_published_is_noticed()
    {
        var content = RandomNumberGenerator.GetBytes(100);
        await using var store = Open();
        await using var upload = await store.UploadAsync(PartsCheck.Upload(content), default);
        await upload.WriteAsync(PartsCheck.Entry(content), default);
        _server.Plant($"new/store/{Name}/etcd-snapshot.db", RandomNumberGenerator.GetBytes(100));

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => upload.PublishAsync(default));

        Assert.Equal("CopyNotVerified", failure.ErrorId);
        Assert.Null(await store.StatAsync(Name, default));
    }

    [Fact]
    public async Task An_object_that_is_replaced_while_it_is_read_is_refused_and_never_mixed()
    {
        var content = RandomNumberGenerator.GetBytes(4 * 1024 * 1024);
        _server.Plant("new/store/a.db", content);
        FailOnce("GetObject", S3Fault.HalfAnswer);
        await using var store = Open();
        await using var stream = await store.OpenReadAsync("a.db", 0, default);
        var buffer = new byte[1024];
        await stream.ReadExactlyAsync(buffer);
        _server.Plant("new/store/a.db", RandomNumberGenerator.GetBytes(content.Length));

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal("SnapshotAltered", failure.ErrorId);
    }

    [Fact]
    public async Task A_clock_that_is_twenty_minutes_off_is_followed()
    {
        await using var server = await S3Server.StartAsync(new ShiftedTime(TimeSpan.FromMinutes(20)));
        await using var store = S3Places.Open(server);

        await PublishAsync(store, RandomNumberGenerator.GetBytes(100));

        Assert.NotNull(await store.StatAsync(Name, default));
    }

    [Fact]
    public async Task A_session_token_is_sent_and_a_wrong_key_is_an_error_of_authentication()
    {
        await using var server = await S3Server.StartAsync(token: "session");
        await using (var store = S3Places.Open(server, secret: $"{S3Server.AccessKey}:{S3Server.SecretKey}:session"))
        {
            Assert.Empty(await store.ListDirectoryAsync(string.Empty, default));
        }

        await using var wrong = S3Places.Open(server, secret: $"{S3Server.AccessKey}:other:session");
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => wrong.ListDirectoryAsync(string.Empty, default));
        Assert.Equal("PlaceNotAuthenticated", failure.ErrorId);
    }

    [Fact]
    public async Task Foreign_and_hostile_keys_hide_no_snapshot()
    {
        await using var store = Open();
        await PublishAsync(store, RandomNumberGenerator.GetBytes(100));
        foreach (
            var key in (string[])
                ["//x", "a//b", "../up", $"{Name}", "folder/", "con\u0001trol", "with space+plus%25", "a\\b", $"{Name}/../x"]
        )
        {
            _server.Plant($"new/store/{key}", [1]);
        }

        _server.Plant("new/storeroom/x", [1]);
        var names = (await store.ListDirectoryAsync(string.Empty, default)).ToList();

        Assert.True(Assert.Single(names, n => n.Path == Name).IsDirectory);
        Assert.Contains(names, n => n.Path == "with space+plus%25");
        Assert.DoesNotContain(names, n => n.Path == "x" || n.Path.Length == 0);
    }

    private ObjectStore Open(TimeSpan? limit = null) => S3Places.Open(_server, warn: _warnings.Add, limit: limit);

    private void FailOnce(string operation, S3Fault fault)
    {
        var failed = 0;
        _server.Faults = call => call.Operation == operation && Interlocked.Exchange(ref failed, 1) == 0 ? fault : S3Fault.None;
    }

    private static async Task PublishAsync(ObjectStore store, byte[] content, CancellationToken cancellationToken = default)
    {
        await using var upload = await store.UploadAsync(PartsCheck.Upload(content), cancellationToken);
        await upload.WriteAsync(PartsCheck.Entry(content), cancellationToken);
        await upload.PublishAsync(cancellationToken);
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
