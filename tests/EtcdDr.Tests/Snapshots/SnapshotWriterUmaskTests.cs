using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;

namespace EtcdDr.Tests.Snapshots;

[Collection(ProcessWideCollection.Name)]
public sealed class SnapshotWriterUmaskTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(0x1ff)]
    public async Task Modes_are_for_the_owner_alone_whatever_the_umask(int umask)
    {
        string path;
        using (new Umask(umask))
        {
            await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_temp.At("backups")), DateTimeOffset.UtcNow);
            await writer.WriteAsync("keys/sa.key", new byte[1], default);
            path = await writer.CompleteAsync(new SnapshotManifest { Files = writer.Files }, default);
        }

        foreach (var directory in new[] { _temp.At("backups"), path, $"{path}/keys" })
        {
            Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(directory));
        }

        foreach (var file in new[] { $"{path}/keys/sa.key", $"{path}/snapshot.json" })
        {
            Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(file));
        }
    }
}
