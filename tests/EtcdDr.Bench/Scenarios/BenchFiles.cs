using System.Security.Cryptography;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Seed;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Files that are moved and read.</summary>
internal static class BenchFiles
{
    private const int Block = 1024 * 1024;

    /// <summary>A file that looks like a database at its head, with random bytes: nothing can compress it.</summary>
    public static string Random(string directory, long bytes)
    {
        var path = Path.Combine(directory, "random.db");
        using var file = File.Create(path);
        var block = new byte[Block];
        for (var written = 0L; written < bytes; written += Block)
        {
            RandomNumberGenerator.Fill(block);
            if (written == 0)
            {
                // bbolt's magic number, behind the header of its first page.
                ((byte[])[0xED, 0xDA, 0x0C, 0xED]).CopyTo(block, 16);
            }

            file.Write(block, 0, (int)Math.Min(Block, bytes - written));
        }

        return path;
    }

    /// <summary>A database as a real etcd saved it, filled with objects as Kubernetes keeps them; about as compressible as real ones.</summary>
    public static async Task<string> DatabaseAsync(long bytes, Action<string> say, CancellationToken cancellationToken) =>
        await EtcdSeed.GetAsync(await EtcdPackages.GetAsync("3.5", say, cancellationToken), bytes, say, cancellationToken);
}
