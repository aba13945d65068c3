using System.Text.Json;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Lab.Etcd;
using Etcdserverpb;
using Google.Protobuf;

namespace EtcdDr.Tests.Etcd.Database;

/// <summary>The reader against databases that real etcd wrote, and against what etcd's own tools and server say of them.</summary>
[Trait("Category", "Lab")]
public sealed class ReferenceTests
{
    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task An_empty_database_reads_as_etcd_reads_it(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await AssertEqualAsync(etcd, version);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task One_key_reads_as_etcd_reads_it(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await etcd.PutAsync("a", "1");
        await AssertEqualAsync(etcd, version);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task History_deletions_leases_and_large_values_read_as_etcd_reads_them_before_and_after_compaction_and_defragmentation(
        string version
    )
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await FillAsync(etcd);
        await AssertEqualAsync(etcd, version);

        var (revision, _) = await etcd.CountAsync();
        await etcd.CompactAsync(revision - 30);
        await AssertEqualAsync(etcd, version);

        await etcd.PutAsync("/registry/pods/a/p7", "again");
        await etcd.DeleteAsync("/registry/pods/a/p8");
        await AssertEqualAsync(etcd, version);

        // The compacted revision is that of a deletion.
        var (deletion, _) = await etcd.CountAsync();
        await etcd.PutAsync("/registry/pods/a/p9", "more");
        await etcd.CompactAsync(deletion);
        await AssertEqualAsync(etcd, version);

        await etcd.ControlAsync(["defrag"]);
        await AssertEqualAsync(etcd, version);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task A_database_whose_keys_were_all_deleted_reads_as_etcd_reads_it(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await etcd.PutAsync("a", "1");
        await etcd.PutAsync("b", "1");
        await etcd.DeleteAsync("a");
        await etcd.DeleteAsync("b");
        var (revision, _) = await etcd.CountAsync();
        await AssertEqualAsync(etcd, version);
        await etcd.CompactAsync(revision);
        await AssertEqualAsync(etcd, version);
        await etcd.PutAsync("c", "1");
        await AssertEqualAsync(etcd, version);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task Auth_and_its_users_are_seen(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await etcd.PutAsync("a", "1");
        await etcd.ControlAsync(["user", "add", "root:secret"]);
        await etcd.ControlAsync(["role", "add", "root"]);
        await etcd.ControlAsync(["user", "grant-role", "root", "root"]);
        await etcd.ControlAsync(["auth", "enable"]);
        var path = Path.Combine(etcd.Directory, "auth.db");
        await etcd.ControlAsync(["--user", "root:secret", "snapshot", "save", path]);
        var ours = EtcdDatabase.Summarize(path, default);
        AssertStatus(await etcd.SnapshotStatusAsync(path), ours);
        Assert.True(ours.AuthEnabled);
        Assert.Equal(1, ours.AuthUsers);
        Assert.Equal(1, ours.AuthRoles);
        using var hash = JsonDocument.Parse(await etcd.ControlAsync(["--user", "root:secret", "endpoint", "hashkv", "-w", "json"]));
        Assert.Equal(hash.RootElement[0].GetProperty("HashKV").GetProperty("hash").GetUInt32(), ours.HashKv);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task Keys_come_with_their_latest_version_only(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await FillAsync(etcd);
        var all = ByteString.CopyFrom(0);
        var expected = (await etcd.Keys.RangeAsync(new RangeRequest { Key = all, RangeEnd = all }))
            .Kvs.Select(k => (k.Key.ToStringUtf8(), k.CreateRevision, k.ModRevision, k.Version, k.Lease, k.Value.Length))
            .Order()
            .ToList();
        var found = new List<(string, long, long, long, long, int)>();
        using var database = EtcdDatabase.Open(await etcd.SnapshotAsync());
        database.ForEachLiveKey(
            (in MvccRecord r) =>
            {
                found.Add(
                    (System.Text.Encoding.UTF8.GetString(r.Key), r.CreateRevision, r.ModRevision, r.Version, r.Lease, r.Value.Length)
                );
                return true;
            },
            default
        );
        Assert.Equal(expected, found.Order());
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task Keys_that_are_read_in_parts_come_in_the_same_order(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await FillAsync(etcd);
        using var database = EtcdDatabase.Open(await etcd.SnapshotAsync());
        var whole = new KeysOfPart();
        database.ForEachLiveKey(whole.Record, default);
        var parts = new List<KeysOfPart>();
        database.ForEachLivePart(
            () => new KeysOfPart(),
            part =>
            {
                parts.Add(part);
                return true;
            },
            default
        );
        Assert.InRange(parts.Count, 2, int.MaxValue);
        Assert.Equal(whole.Keys, parts.SelectMany(p => p.Keys));
    }

    private sealed class KeysOfPart : ILiveKeyPart
    {
        public List<string> Keys { get; } = [];

        public bool Record(in MvccRecord record)
        {
            Keys.Add(Convert.ToHexString(record.Key));
            return true;
        }
    }

    private static async Task FillAsync(LoneEtcd etcd)
    {
        var lease = await etcd.Leases.LeaseGrantAsync(new LeaseGrantRequest { TTL = 3600 });
        await etcd.PutManyAsync(Enumerable.Range(0, 3000).Select(i => ($"/registry/pods/a/p{i}", new byte[i % 700])));
        await etcd.PutManyAsync(Enumerable.Range(0, 3).Select(i => ($"/registry/configmaps/a/c{i}", new byte[300_000])));
        await etcd.PutAsync("/registry/leases/a/l", "x", lease.ID);
        for (var i = 0; i < 60; i++)
        {
            await etcd.PutAsync($"/registry/pods/a/p{i % 20}", $"version {i}");
        }

        await etcd.DeleteAsync("/registry/pods/a/p3");
        await etcd.DeleteAsync("/registry/pods/a/p4");
        await etcd.PutAsync("/registry/pods/a/p4", "born again");
        await etcd.Keys.DeleteRangeAsync(
            new DeleteRangeRequest
            {
                Key = ByteString.CopyFromUtf8("/registry/pods/a/p20"),
                RangeEnd = ByteString.CopyFromUtf8("/registry/pods/a/p21"),
            }
        );
    }

    private static async Task AssertEqualAsync(LoneEtcd etcd, string version)
    {
        var path = await etcd.SnapshotAsync();
        var ours = EtcdDatabase.Summarize(path, default);
        AssertStatus(await etcd.SnapshotStatusAsync(path), ours);
        var (revision, keys) = await etcd.CountAsync();
        Assert.Equal(revision, ours.Revision);
        Assert.Equal(keys, ours.LiveKeys);
        Assert.Equal(keys, ours.HashKvKeys);
        Assert.True(ours.HasTrailer);
        Assert.Equal(2, ours.ValidMetaPages);
        Assert.Equal(version == "3.5" ? "3.5.0" : ours.ClusterVersion, ours.ClusterVersion);
        Assert.Equal("lone", Assert.Single(ours.Members).Name);
        var theirs = await etcd.HashKvAsync();
        Assert.Equal(theirs.CompactRevision, ours.CompactRevision);
        Assert.Equal(theirs.Hash, ours.HashKv);
        await AssertEarlierHashesAsync(etcd, path, theirs.CompactRevision, revision);
    }

    // From the revision after the compacted one: for the compacted one itself servers answer with a hash that they kept from before they
    // compacted.
    private static async Task AssertEarlierHashesAsync(LoneEtcd etcd, string path, long compacted, long revision)
    {
        foreach (
            var at in new[] { compacted + 1, (compacted + revision) / 2, revision - 1 }.Where(r =>
                r > compacted && r is > 0 && r <= revision
            )
        )
        {
            var ours = EtcdDatabase.Summarize(path, default, at);
            Assert.Equal((await etcd.HashKvAsync(at)).Hash, ours.HashKv);
            var all = ByteString.CopyFrom(0);
            var count = await etcd.Keys.RangeAsync(
                new RangeRequest
                {
                    Key = all,
                    RangeEnd = all,
                    CountOnly = true,
                    Revision = at,
                }
            );
            Assert.Equal(count.Count, ours.HashKvKeys);
        }
    }

    private static void AssertStatus(JsonElement status, DatabaseSummary ours)
    {
        Assert.Equal(status.GetProperty("hash").GetUInt32(), ours.SnapshotHash);
        Assert.Equal(status.GetProperty("revision").GetInt64(), ours.LastRecordRevision);
        Assert.Equal(status.GetProperty("totalKey").GetInt64(), ours.Entries);
        Assert.Equal(status.GetProperty("totalSize").GetInt64(), ours.DbSize);
    }
}
