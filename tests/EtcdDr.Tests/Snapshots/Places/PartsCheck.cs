using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Objects;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>What object storage must do with a file of several parts, for each kind of server.</summary>
internal static class PartsCheck
{
    private const string Name = "etcd_snapshot_2026-11-22_23-53-31";
    private const string Database = "etcd-snapshot.db";

    /// <summary>Cuts an upload after two parts, goes on with it, publishes it, and reads it back.</summary>
    public static async Task RunAsync(Func<ObjectStore> open, CancellationToken cancellationToken)
    {
        var content = RandomNumberGenerator.GetBytes((3 * 8 * 1024 * 1024) + 1234);
        await using (var store = open())
        await using (var upload = await store.UploadAsync(Upload(content, cutAfter: 18 * 1024 * 1024), cancellationToken))
        {
            await Assert.ThrowsAsync<EtcdDrException>(() => upload.WriteAsync(Entry(content), cancellationToken));
        }

        await using var again = open();
        var left = Assert.Single(await again.FindUnfinishedAsync(cancellationToken));
        Assert.Equal(SnapshotNames.PartialOf(Name), left.Name);
        Assert.True(left.Size >= 8 * 1024 * 1024, $"{left.Size} bytes are left of the cut upload.");
        await using (var upload = await again.UploadAsync(Upload(content), cancellationToken))
        {
            await upload.WriteAsync(Entry(content), cancellationToken);
            await upload.PublishAsync(cancellationToken);
        }

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), await again.Sha256Async($"{Name}/{Database}", cancellationToken));
        Assert.Empty(await again.FindUnfinishedAsync(cancellationToken));
    }

    internal static SnapshotStoreEntry Entry(byte[] content) => new(Database, IsDirectory: false, content.Length, null, DateTime.UnixEpoch);

    internal static SnapshotUpload Upload(byte[] content, int? cutAfter = null, string name = Name) =>
        new()
        {
            Name = name,
            Source = "/somewhere",
            Files = [Entry(content), new SnapshotStoreEntry(SnapshotManifest.FileName, IsDirectory: false, 2, null, DateTime.UnixEpoch)],
            OpenAsync = (path, offset, _) =>
                Task.FromResult<Stream>(
                    new MemoryStream(
                        path == SnapshotManifest.FileName ? "{}"u8.ToArray()
                            : cutAfter is { } cut ? content[..cut]
                            : content,
                        writable: false
                    )
                    {
                        Position = offset,
                    }
                ),
            Sum = path => path == Database ? Convert.ToHexStringLower(SHA256.HashData(content)) : null,
            Progress = new NoUploadProgress(),
        };
}
