using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots.Sealing;

namespace EtcdDr.Tests.Snapshots;

public sealed class ExportFilesTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly SshHostFactory _hosts = new();
    private readonly OperationContext _context = new(new RecordingSink());

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_of_a_snapshot_and_what_a_restore_kept_come_out_plain_and_private(bool isSealed)
    {
        var (snapshot, path) = await WriteAsync(isSealed);
        await using (var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default))
        {
            await reader.KeepAsync(
                "restore_attempted_2026-11-23_00-00-00/current_etc_kubernetes/m1/etc-kubernetes.tar.gz",
                "the old keys"u8.ToArray(),
                default
            );
        }

        var plain = Directory
            .EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Any(f => File.ReadAllText(f).Contains("the old keys", StringComparison.Ordinal));
        Assert.Equal(!isSealed, plain);

        var written = await ExportAsync(
            snapshot,
            p => p.StartsWith("keys/", StringComparison.Ordinal) || p.Contains("current_etc", StringComparison.Ordinal)
        );

        Assert.Equal(
            ["keys/sa.key", "keys/sa.pub", "restore_attempted_2026-11-23_00-00-00/current_etc_kubernetes/m1/etc-kubernetes.tar.gz"],
            written.Select(p => Path.GetRelativePath(_temp.At("out"), p))
        );
        Assert.Equal("the key", await File.ReadAllTextAsync(written[0]));
        Assert.Equal("the old keys", await File.ReadAllTextAsync(written[2]));
        Assert.All(written, p => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(p)));
    }

    [Fact]
    public async Task A_kept_file_that_was_changed_is_refused_and_nothing_of_it_is_written()
    {
        var (snapshot, path) = await WriteAsync(isSealed: true);
        await using (var reader = await SnapshotReader.OpenAsync(snapshot, _hosts, _context, default))
        {
            await reader.KeepAsync("restore_attempted_x/current_etc_kubernetes/m1/a", "the old keys"u8.ToArray(), default);
        }

        var kept = Directory.EnumerateFiles(path, "a.*.sealed", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(kept);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(kept, bytes);

        Assert.Equal(
            "SnapshotAltered",
            (
                await Assert.ThrowsAsync<EtcdDrException>(() => ExportAsync(snapshot, p => p.EndsWith("/a", StringComparison.Ordinal)))
            ).ErrorId
        );
        Assert.Empty(Directory.EnumerateFiles(_temp.At("out"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Nothing_that_is_there_is_written_over_and_nothing_found_is_told()
    {
        var (snapshot, _) = await WriteAsync(isSealed: false);
        await ExportAsync(snapshot, p => p == "keys/sa.pub");
        Assert.Equal(
            "AlreadyExists",
            (await Assert.ThrowsAsync<EtcdDrException>(() => ExportAsync(snapshot, p => p == "keys/sa.pub"))).ErrorId
        );
        Assert.Equal("NothingToExport", (await Assert.ThrowsAsync<EtcdDrException>(() => ExportAsync(snapshot, _ => false))).ErrorId);
        Assert.Single(Directory.EnumerateFiles(_temp.At("out"), "*", SearchOption.AllDirectories));
    }

    private Task<IReadOnlyList<string>> ExportAsync(EtcdSnapshot snapshot, Func<string, bool> wanted) =>
        new ExportFilesOperation(_hosts, _context).RunAsync(snapshot, wanted, _temp.At("out"), default);

    private async Task<(EtcdSnapshot Snapshot, string Path)> WriteAsync(bool isSealed)
    {
        var identity = SealingIdentity.Create(_temp.Path, "one");
        using var sealer = isSealed ? Engine.Snapshots.Sealing.SnapshotSealer.For((string[])[identity.CertificateFile]) : null;
        await using var writer = await SnapshotWriter.CreateAsync(
            new LocalSnapshotStore(_temp.At("backups")),
            DateTimeOffset.UtcNow,
            sealer
        );
        await writer.WriteAsync("etcd-snapshot.db", new Bench.Fuzzing.DatabaseBuilder().Put("a", [1]).Build(), default);
        await writer.WriteAsync("keys/sa.key", "the key"u8.ToArray(), default);
        await writer.WriteAsync("keys/sa.pub", "the public key"u8.ToArray(), default);
        var path = await writer.CompleteAsync(
            new SnapshotManifest
            {
                Created = writer.Time.UtcDateTime,
                Tool = ToolName.Current,
                Files = writer.Files,
            },
            default
        );
        var snapshot = await new SnapshotCatalog(_hosts, _context).GetAsync(SnapshotLocation.Parse(path), null, default);
        return (snapshot with { Decryption = identity.Opens("pem") }, path);
    }
}
