using System.Text;
using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Tests.Etcd.Database;

public sealed class EtcdDatabaseTests
{
    [Theory]
    [InlineData(1024, true)]
    [InlineData(4096, false)]
    [InlineData(4096, true)]
    [InlineData(8192, false)]
    [InlineData(16384, true)]
    [InlineData(65536, false)]
    public void Any_page_size_reads_with_or_without_a_list_of_free_pages(int pageSize, bool freelist)
    {
        var summary = Summarize(Many(new DatabaseBuilder(pageSize) { WithFreelist = freelist }).Build());
        Assert.Equal(pageSize, summary.PageSize);
        Assert.Equal(2001, summary.Records);
        Assert.Equal(1999, summary.LiveKeys);
        Assert.Equal(1, summary.Tombstones);
        Assert.Equal(2002, summary.Revision);
        Assert.Equal(-1, summary.CompactRevision);
        Assert.Equal(3 * pageSize, summary.DbSize - summary.BytesInUse);
    }

    [Fact]
    public void A_key_that_was_deleted_and_made_again_counts_once()
    {
        var summary = Summarize(new DatabaseBuilder().Put("a", [1]).Delete("a").Put("a", [2]).Build());
        Assert.Equal(1, summary.LiveKeys);
        Assert.Equal(3, summary.Records);
    }

    [Fact]
    public void Members_alarms_auth_and_versions_are_read()
    {
        var summary = Summarize(
            new DatabaseBuilder()
                .Put("a", [1])
                .Set(
                    "members",
                    "8e9e05c52164694d"u8.ToArray(),
                    """
                        {"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"m1",
                          "clientURLs":["http://localhost:2379"]}
                        """u8.ToArray()
                )
                .Set("members_removed", "8e9e05c521646940"u8.ToArray(), "removed"u8.ToArray())
                .Set("alarm", [8, 5, 16, 2], [])
                .Set("auth", "authEnabled"u8.ToArray(), [1])
                .Set("lease", new byte[8], [8, 1])
                .Set("cluster", "clusterVersion"u8.ToArray(), "3.5.0"u8.ToArray())
                .Set("meta", "term"u8.ToArray(), [0, 0, 0, 0, 0, 0, 0, 4])
                .Build()
        );
        var member = Assert.Single(summary.Members);
        Assert.Equal(("8e9e05c52164694d", "m1", "http://localhost:2380"), (member.Id, member.Name, member.PeerUrls[0]));
        Assert.Equal("8e9e05c521646940", Assert.Single(summary.RemovedMembers));
        Assert.Equal("CORRUPT on member 0000000000000005", Assert.Single(summary.Alarms));
        Assert.True(summary.AuthEnabled);
        Assert.Equal(("3.5.0", 4L, 1), (summary.ClusterVersion, summary.Term, summary.Leases));
    }

    [Fact]
    public void A_member_id_is_written_without_leading_zeros()
    {
        var summary = Summarize(
            new DatabaseBuilder()
                .Put("a", [1])
                .Set("members", "e9e05c52164694d"u8.ToArray(), """{"name":"m1"}"""u8.ToArray())
                .Set("members_removed", "1"u8.ToArray(), "removed"u8.ToArray())
                .Build()
        );
        Assert.Equal("0e9e05c52164694d", Assert.Single(summary.Members).Id);
        Assert.Equal("0000000000000001", Assert.Single(summary.RemovedMembers));
        Assert.Throws<EtcdDrException>(() => Summarize(new DatabaseBuilder().Set("members", "xyz"u8.ToArray(), "{}"u8.ToArray()).Build()));
    }

    [Fact]
    public void The_first_meta_page_may_be_broken()
    {
        var bytes = Many(new DatabaseBuilder(8192)).Build(trailer: false);
        bytes[40] ^= 1;
        var summary = Summarize(bytes);
        Assert.Equal(1, summary.ValidMetaPages);
        Assert.Equal(1999, summary.LiveKeys);
    }

    [Fact]
    public void More_keys_than_the_table_holds_are_counted_right_in_several_passes()
    {
        var random = new Random(1);
        var records = Enumerable
            .Range(0, 5000)
            .Select(_ => (Key: KeyHash.Of(BitConverter.GetBytes(random.Next(1500))), Tombstone: random.Next(5) == 0))
            .ToList();
        var expected = new LiveIndex();
        var index = new LiveIndex(256);
        Fill(expected);
        Fill(index);
        Assert.True(expected.SinglePass);
        Assert.False(index.SinglePass);
        while (index.NextPass())
        {
            Fill(index);
        }

        Assert.Equal(expected.Count(), index.Count());
        Assert.All(Enumerable.Range(0, records.Count), i => Assert.Equal(expected.IsLive(i), index.IsLive(i)));

        void Fill(LiveIndex target)
        {
            for (var i = 0; i < records.Count; i++)
            {
                target.Add(records[i].Key, (uint)i, records[i].Tombstone);
            }
        }
    }

    [Fact]
    public void Sums_of_parts_join_to_the_sum_of_the_whole()
    {
        // "123456789" is CRC-32C's check value (RFC 3720, B.4 uses the same polynomial).
        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));
        var data = new byte[100_000];
        new Random(2).NextBytes(data);
        foreach (var at in new[] { 0, 1, 7, 4096, 65_537, 99_999, 100_000 })
        {
            Assert.Equal(
                Crc32C.Append(0, data),
                Crc32C.Combine(Crc32C.Append(0, data.AsSpan(0, at)), Crc32C.Append(0, data.AsSpan(at)), data.Length - at)
            );
        }
    }

    [Fact]
    public void HashKV_below_the_compacted_revision_and_beyond_the_last_one_is_refused()
    {
        var bytes = Many(new DatabaseBuilder()).Compacted(50).Build();
        Assert.Equal("RevisionCompacted", Assert.Throws<EtcdDrException>(() => Summarize(bytes, 49)).ErrorId);
        Assert.Equal("RevisionInFuture", Assert.Throws<EtcdDrException>(() => Summarize(bytes, 5000)).ErrorId);
    }

    [Fact]
    public void A_page_that_two_branches_name_is_damage()
    {
        var bytes = Many(new DatabaseBuilder()).Build(trailer: false);
        var branch = Enumerable.Range(2, (bytes.Length / 4096) - 2).First(p => BitConverter.ToUInt16(bytes, (p * 4096) + 8) == 1) * 4096;
        bytes.AsSpan(branch + 16 + 8, 8).CopyTo(bytes.AsSpan(branch + 32 + 8));
        Assert.Equal("DatabaseDamaged", Assert.Throws<EtcdDrException>(() => Summarize(bytes)).ErrorId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(4096)]
    public void What_is_no_database_is_named_as_such(int size) =>
        Assert.Equal("DatabaseFormatUnknown", Assert.Throws<EtcdDrException>(() => Summarize(new byte[size])).ErrorId);

    [Fact]
    public void A_file_that_is_cut_while_it_is_read_is_an_error_and_not_a_crash()
    {
        var directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;
        try
        {
            var path = Path.Combine(directory, "a.db");
            File.WriteAllBytes(path, Many(new DatabaseBuilder()).Build());
            using var database = EtcdDatabase.Open(path);
            using (var file = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.SetLength(20_000);
            }

            Assert.Equal("DatabaseTruncated", Assert.Throws<EtcdDrException>(() => database.Summarize(0, default)).ErrorId);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Cancellation_ends_the_reading()
    {
        using var database = EtcdDatabase.Open(new MemorySource(Many(new DatabaseBuilder()).Build()));
        Assert.ThrowsAny<OperationCanceledException>(() => database.Summarize(0, new CancellationToken(true)));
    }

    [Fact]
    public void Mutated_databases_read_equal_or_are_refused()
    {
        var run = new FuzzRun(new DatabaseTarget(FuzzSeeds.Built()), 7);
        var complaints = new StringWriter();
        run.Run(3000, complaints, default);
        Assert.Equal(string.Empty, complaints.ToString());
        Assert.Equal("3000 inputs, 0 crashes, 0 hangs, 0 accepted changed", run.ToString());
        Assert.True(run[FuzzVerdict.Refused] > 1000);
    }

    private static DatabaseSummary Summarize(byte[] bytes, long revision = 0)
    {
        using var database = EtcdDatabase.Open(new MemorySource(bytes));
        return database.Summarize(revision, default);
    }

    private static DatabaseBuilder Many(DatabaseBuilder builder)
    {
        for (var i = 0; i < 2000; i++)
        {
            builder.Put($"/registry/pods/a/p{i}", Encoding.UTF8.GetBytes(new string('x', i % 300)));
        }

        return builder.Delete("/registry/pods/a/p5");
    }
}
