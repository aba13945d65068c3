using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotWriterTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 23, 53, 31, 400, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Directory_has_its_name_only_when_it_is_whole()
    {
        await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore($"{_directory}/new/backups"), Now);
        await writer.WriteAsync("etcd-snapshot.db", new byte[] { 1, 2, 3 }, default);
        Assert.Equal([".etcd_snapshot_2026-11-22_23-53-31.partial"], Names($"{_directory}/new/backups"));

        var path = await writer.CompleteAsync(new SnapshotManifest { Files = writer.Files }, default);

        Assert.Equal($"{_directory}/new/backups/etcd_snapshot_2026-11-22_23-53-31", path);
        Assert.Equal(["etcd_snapshot_2026-11-22_23-53-31"], Names($"{_directory}/new/backups"));
        var file = Assert.Single(writer.Files, f => f.Path == "etcd-snapshot.db");
        Assert.Equal(new SnapshotFile("etcd-snapshot.db", 3, Convert.ToHexString(SHA256.HashData([1, 2, 3])).ToLowerInvariant()), file);
    }

    [Fact]
    public async Task What_was_not_completed_leaves_nothing()
    {
        await using (var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), Now))
        {
            await writer.WriteAsync("nodes/m1/cni.tar.gz", new byte[10], default);
        }

        Assert.Empty(Names(_directory));
    }

    [Fact]
    public async Task Two_snapshots_of_one_second_get_neighbouring_names()
    {
        await using var first = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), Now);
        await using var second = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), Now);

        Assert.Equal("etcd_snapshot_2026-11-22_23-53-31", first.Name);
        Assert.Equal("etcd_snapshot_2026-11-22_23-53-32", second.Name);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 23, 53, 32, TimeSpan.Zero), second.Time);
    }

    [Fact]
    public async Task File_without_content_leaves_no_file_and_no_entry()
    {
        await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), Now);

        Assert.False(await writer.WriteAsync("nodes/m1/cni.tar.gz", _ => Task.FromResult(false)));

        Assert.Empty(writer.Files);
        Assert.Empty(Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Destination_below_a_file_is_a_clear_error()
    {
        File.WriteAllText($"{_directory}/file", "");

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            SnapshotWriter.CreateAsync(new LocalSnapshotStore($"{_directory}/file"), Now)
        );

        Assert.Contains($"{_directory}/file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_little_space_is_told_before_anything_is_written()
    {
        await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_directory), Now);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => writer.RequireSpaceAsync(long.MaxValue, default));

        Assert.Equal("DestinationFull", error.ErrorId);
        Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
    }

    private static string[] Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(p => Path.GetFileName(p)!).Order()];
}
