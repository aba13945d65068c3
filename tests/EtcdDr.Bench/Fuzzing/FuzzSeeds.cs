using System.Text;
using EtcdDr.Lab.Etcd;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>Databases that inputs are made of.</summary>
public static class FuzzSeeds
{
    /// <summary>Small databases of this program's own making, one for each page size, with and without a list of free pages.</summary>
    public static IReadOnlyList<byte[]> Built() =>
        [
            Fill(new DatabaseBuilder(1024) { WithFreelist = true }, 60).Build(),
            Fill(new DatabaseBuilder(4096), 120).Build(),
            Fill(new DatabaseBuilder(4096) { WithFreelist = true }, 10).Build(),
            Fill(new DatabaseBuilder(16384), 40).Build(),
        ];

    /// <summary>Small databases that real etcd wrote.</summary>
    public static async Task<IReadOnlyList<byte[]>> RealAsync(CancellationToken cancellationToken)
    {
        var files = new List<byte[]>();
        foreach (var version in (string[])["3.4", "3.5"])
        {
            await using var etcd = await LoneEtcd.StartAsync(version, null, cancellationToken);
            await etcd.PutManyAsync(
                Enumerable.Range(0, 80).Select(i => ($"/registry/pods/ns{i % 3}/p{i}", Encoding.UTF8.GetBytes(new string('x', i * 5)))),
                cancellationToken
            );
            files.Add(await File.ReadAllBytesAsync(await etcd.SnapshotAsync(cancellationToken), cancellationToken));
            for (var i = 0; i < 20; i++)
            {
                await etcd.PutAsync($"/registry/leases/a/l{i % 4}", $"{i}", 0, cancellationToken);
            }

            await etcd.DeleteAsync("/registry/pods/ns0/p3", cancellationToken);
            await etcd.PutManyAsync([("/registry/configmaps/a/large", new byte[20_000])], cancellationToken);
            await etcd.CompactAsync((await etcd.CountAsync(cancellationToken)).Revision - 5, cancellationToken);
            await etcd.ControlAsync(["defrag"], cancellationToken);
            files.Add(await File.ReadAllBytesAsync(await etcd.SnapshotAsync(cancellationToken), cancellationToken));
        }

        return files;
    }

    private static DatabaseBuilder Fill(DatabaseBuilder builder, int keys)
    {
        for (var i = 0; i < keys; i++)
        {
            builder.Put($"/registry/pods/ns{i % 3}/p{i}", Encoding.UTF8.GetBytes(new string('x', i * 7 % 400)));
        }

        builder
            .Put("/registry/configmaps/a/large", new byte[9000])
            .Delete("/registry/pods/ns0/p3")
            .Put("/registry/pods/ns1/p1", "new"u8.ToArray(), 3, 2, 77);
        builder.Set("members", "8e9e05c52164694d"u8.ToArray(), """{"id":1,"peerURLs":["http://localhost:2380"],"name":"m1"}"""u8.ToArray());
        builder
            .Set("meta", "consistent_index"u8.ToArray(), new byte[8])
            .Set("alarm", [8, 1, 16, 1], [])
            .Set("auth", "authEnabled"u8.ToArray(), [1]);
        return builder.Set("cluster", "clusterVersion"u8.ToArray(), "3.5.0"u8.ToArray()).Compacted(20);
    }
}
