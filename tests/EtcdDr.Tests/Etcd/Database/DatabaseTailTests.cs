using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Etcd.Database;

public sealed class DatabaseTailTests : IDisposable
{
    private static readonly DateTime Noon = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);

    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-tail-").FullName;

    private string File => Path.Combine(_directory, "db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1024, 1)]
    [InlineData(4096, 20_000)]
    [InlineData(16384, 3000)]
    public async Task A_database_is_known_by_its_last_page_whatever_its_size(int pageSize, int records)
    {
        var database = Filled(new DatabaseBuilder(pageSize), records);
        var bytes = database.Build(trailer: false);
        var read = 0L;

        var tail = await new DatabaseTailReader(
            "db",
            bytes.Length,
            (offset, count, _) =>
            {
                read += count;
                return Task.FromResult(bytes[(int)offset..Math.Min(bytes.Length, (int)offset + count)]);
            }
        ).ReadAsync(default);

        Assert.Equal(database.Revision, tail.Revision);
        Assert.True(read <= DatabaseTailReader.Head + (14 * pageSize), $"{read} bytes of {bytes.Length} were read");
    }

    [Fact]
    public async Task The_newest_change_is_what_the_last_object_that_knows_its_time_tells()
    {
        var database = Filled(new DatabaseBuilder(), 500)
            .Put("/registry/leases/kube-system/kube-scheduler", Changed("Lease", Noon.AddDays(-9), Noon))
            .Put("/registry/masterleases/10.0.0.1", [1])
            .Delete("/registry/pods/default/web");
        await System.IO.File.WriteAllBytesAsync(File, database.Build(trailer: false));

        var found = await MemberDatabase.ReadAsync(new LocalHost("cp1"), File, default);

        Assert.Equal(database.Revision, found!.Tail!.Revision);
        Assert.Equal(Noon, found.Tail.NewestChange);
        Assert.Equal("/registry/leases/kube-system/kube-scheduler", found.Tail.NewestKey);
        Assert.Equal(new FileInfo(File).LastWriteTimeUtc, found.Written, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("2026-11-22T11:59:00Z", "2026-11-22T11:58:00Z", 59)]
    [InlineData("2026-11-22T11:00:00Z", "2026-11-22T11:58:00Z", 58)]
    public void An_objects_last_change_is_its_making_or_its_managers_last(string created, string managed, int minute)
    {
        var json = $$$"""
            {"apiVersion":"v1","kind":"Odd",
              "metadata":{"creationTimestamp":"{{{created}}}","managedFields":[{"time":"{{{managed}}}"}]}}
            """;

        Assert.Equal(minute, KubernetesValue.Read(System.Text.Encoding.UTF8.GetBytes(json), details: true).LastChange?.Minute);
    }

    [Fact]
    public async Task A_database_of_random_bytes_is_told_and_no_error()
    {
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        await System.IO.File.WriteAllBytesAsync(File, bytes);

        var found = await MemberDatabase.ReadAsync(new LocalHost("cp1"), File, default);

        Assert.Null(found!.Tail);
        Assert.Contains(File + " on cp1", found.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_cut_off_in_its_pages_is_told()
    {
        var bytes = Filled(new DatabaseBuilder(), 20_000).Build(trailer: false);
        await System.IO.File.WriteAllBytesAsync(File, bytes[..(bytes.Length / 2)]);

        Assert.Null((await MemberDatabase.ReadAsync(new LocalHost("cp1"), File, default))!.Tail);
    }

    [Fact]
    public async Task Where_there_is_no_database_there_is_none() =>
        Assert.Null(await MemberDatabase.ReadAsync(new LocalHost("cp1"), File, default));

    private static DatabaseBuilder Filled(DatabaseBuilder builder, int records)
    {
        for (var i = 0; i < records; i++)
        {
            builder.Put($"/registry/configmaps/default/c{i}", [1, 2, 3]);
        }

        return builder;
    }

    private static byte[] Changed(string kind, DateTime created, DateTime? managed)
    {
        byte[][] meta =
        [
            ProtoBytes.Field(8, Seconds(created)),
            .. managed is { } at ? [ProtoBytes.Field(17, ProtoBytes.Field(4, Seconds(at)))] : (byte[][])[],
        ];
        return ProtoBytes.Stored("v1", kind, ProtoBytes.Field(1, meta));
    }

    private static byte[] Seconds(DateTime time) => ProtoBytes.Number(1, (ulong)(time - DateTime.UnixEpoch).TotalSeconds);
}
