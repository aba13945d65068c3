using System.Globalization;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Seed;

/// <summary>
/// A cluster's first database: a snapshot made by a real etcd in a network namespace of its own, filled to a size with Kubernetes-like
/// objects, kept in the cache. Members restore it at their first boot, which is much faster than letting them replicate it.
/// </summary>
internal static class EtcdSeed
{
    /// <summary>Path of a seed for an etcd and a size.</summary>
    public static async Task<string> GetAsync(string programs, long bytes, Action<string> say, CancellationToken cancellationToken)
    {
        var version = await EtcdPackages.FullVersionAsync(programs, cancellationToken);
        var seed = Path.Combine(LabCache.Directory, string.Create(CultureInfo.InvariantCulture, $"seed-{version}-{bytes}.db"));
        if (File.Exists(seed))
        {
            return seed;
        }

        using var alone = await LabCache.LockAsync(cancellationToken);
        if (!File.Exists(seed))
        {
            if (bytes > 0)
            {
                say($"Filling a database of {bytes >> 20} MiB (kept for the next time) ...");
            }

            await MakeAsync(programs, bytes, seed, cancellationToken);
        }

        return seed;
    }

    private static async Task MakeAsync(string programs, long bytes, string seed, CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("etcddr-lab-seed-").FullName;
        try
        {
            const string script = """
                programs=$1 work=$2 bytes=$3; shift 3
                ip link set lo up
                "$programs/etcd" --data-dir "$work/data" --unsafe-no-fsync --quota-backend-bytes 8589934592 > "$work/etcd.log" 2>&1 &
                "$@" seed "$bytes"
                ETCDCTL_API=3 "$programs/etcdctl" snapshot save "$work/seed.db" > "$work/save.log" 2>&1
                """;
            // etcd 3.4 has no --unsafe-no-fsync.
            var fit = programs.EndsWith("3.4", StringComparison.Ordinal)
                ? script.Replace("--unsafe-no-fsync ", string.Empty, StringComparison.Ordinal)
                : script;
            string[] arguments =
            [
                "--mount",
                "--net",
                "--pid",
                "--mount-proc",
                "--fork",
                "--kill-child=SIGKILL",
                "/bin/sh",
                "-euc",
                fit,
                "sh",
                programs,
                work,
                bytes.ToString(CultureInfo.InvariantCulture),
                .. LabProgram.CommandLine,
            ];
            var result = await Tool.TryAsync("unshare", arguments, timeout: TimeSpan.FromMinutes(20), cancellationToken: cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new LabException($"The first database could not be made: {result.Error.Trim()}");
            }

            File.Move(Path.Combine(work, "seed.db"), seed + ".new");
            File.Move(seed + ".new", seed);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
