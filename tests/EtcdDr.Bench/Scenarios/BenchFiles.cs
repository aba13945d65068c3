using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Seed;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Files that are moved and read.</summary>
internal static class BenchFiles
{
    private const int Block = 1024 * 1024;

    /// <summary>Name of the database in a snapshot.</summary>
    public const string Database = "etcd-snapshot.db";

    /// <summary>A snapshot whose database looks like one at its head, with random bytes: nothing can compress it.</summary>
    public static Task<string> RandomSnapshotAsync(string directory, long bytes, CancellationToken cancellationToken) =>
        SnapshotAsync(
            directory,
            async stream =>
            {
                var block = new byte[Block];
                for (var written = 0L; written < bytes; written += Block)
                {
                    RandomNumberGenerator.Fill(block);
                    if (written == 0)
                    {
                        // bbolt's magic number, behind the header of its first page.
                        ((byte[])[0xED, 0xDA, 0x0C, 0xED]).CopyTo(block, 16);
                    }

                    await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(Block, bytes - written)), cancellationToken);
                }
            },
            cancellationToken
        );

    /// <summary>A snapshot of that database which <see cref="ObjectsAsync"/> makes.</summary>
    public static async Task<string> ObjectsSnapshotAsync(
        string directory,
        long bytes,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        await using var objects = File.OpenRead(await ObjectsAsync(bytes, say, cancellationToken));
        return await SnapshotAsync(directory, stream => objects.CopyToAsync(stream, cancellationToken), cancellationToken);
    }

    private static async Task<string> SnapshotAsync(string directory, Func<Stream, Task> writeDatabase, CancellationToken cancellationToken)
    {
        await using var writer = await SnapshotWriter.CreateAsync(
            new LocalSnapshotStore(directory),
            DateTimeOffset.UtcNow,
            cancellationToken: cancellationToken
        );
        await writer.WriteAsync(
            Database,
            async stream =>
            {
                await writeDatabase(stream);
                return true;
            },
            cancellationToken
        );
        return await writer.CompleteAsync(
            new SnapshotManifest
            {
                Created = writer.Time.UtcDateTime,
                Cluster = "bench",
                Files = writer.Files,
            },
            cancellationToken
        );
    }

    /// <summary>A database as a real etcd saved it, filled with objects as Kubernetes keeps them; about as compressible as real
    /// ones.</summary>
    public static async Task<string> DatabaseAsync(long bytes, Action<string> say, CancellationToken cancellationToken) =>
        await EtcdSeed.GetAsync(await EtcdPackages.GetAsync("3.5", say, cancellationToken), bytes, say, cancellationToken);

    /// <summary>
    /// A database of pods, config maps, secrets and ReplicaSets as an API server keeps them, saved by a real etcd; kept in the lab's cache.
    /// (The lab's own databases are half Helm releases, which are compressed already.)
    /// </summary>
    private static async Task<string> ObjectsAsync(long bytes, Action<string> say, CancellationToken cancellationToken)
    {
        var kept = Path.Combine(LabCache.Directory, $"objects-{bytes}.db");
        if (!File.Exists(kept))
        {
            say($"Filling a database of {bytes >> 20} MiB with objects (kept for the next time) ...");
            await using var etcd = await LoneEtcd.StartAsync(
                "3.5",
                ["--quota-backend-bytes", "8589934592", "--unsafe-no-fsync"],
                cancellationToken
            );
            await etcd.PutManyAsync(UpTo(bytes), cancellationToken);
            File.Copy(await etcd.SnapshotAsync(cancellationToken), kept + ".new", overwrite: true);
            File.Move(kept + ".new", kept);
        }

        return kept;
    }

    private static IEnumerable<(string Key, byte[] Value)> UpTo(long bytes)
    {
        var total = 0L;
        foreach (var (key, value) in InventoryObjects.Endless())
        {
            var content = Encoding.UTF8.GetBytes(value);
            yield return (key, content);
            total += key.Length + content.Length;
            if (total >= bytes)
            {
                yield break;
            }
        }
    }
}
