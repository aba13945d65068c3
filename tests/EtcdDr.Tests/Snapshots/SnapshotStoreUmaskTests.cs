using EtcdDr.Engine.Snapshots.Places.Directories.Local;

namespace EtcdDr.Tests.Snapshots;

[Collection(ProcessWideCollection.Name)]
public sealed class SnapshotStoreUmaskTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(0x12)]
    [InlineData(0x1ff)]
    public async Task Modes_are_0700_and_0600_whatever_the_umask(int umask)
    {
        await using var store = new LocalSnapshotStore(_temp.At("store"));
        using (new Umask(umask))
        {
            await store.CreateDirectoryAsync("d/e", CancellationToken.None);
            await store.WriteAsync("d/e/streamed", new MemoryStream([1]), 0, null, CancellationToken.None);
            await store.WriteWholeAsync("d/e/whole", new byte[] { 1 }, CancellationToken.None);
            await store.AppendAsync("d/e/appended", new byte[] { 1 }, CancellationToken.None);
        }

        foreach (var directory in (string[])[string.Empty, "d", "d/e"])
        {
            Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(Path.Combine(store.Root, directory)));
        }

        foreach (var file in Directory.GetFiles(Path.Combine(store.Root, "d/e")))
        {
            Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(file));
        }

        Assert.Equal(3, Directory.GetFiles(Path.Combine(store.Root, "d/e")).Length);
    }
}
