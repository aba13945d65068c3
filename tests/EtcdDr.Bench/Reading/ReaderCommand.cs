using System.Diagnostics;
using System.Globalization;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Packages;

namespace EtcdDr.Bench.Reading;

/// <summary><c>reader</c>: the reader of databases beside etcd's own <c>snapshot status</c>, in turn, on the same file.</summary>
internal static class ReaderCommand
{
    private const int Pairs = 5;

    public static BenchCommand Command { get; } =
        new(
            "reader",
            "[FILE] [--size MIB] [--etcd 3.4|3.5]",
            "reads a database (1024 MiB are made where no file is given, and compared with what etcd says of it) beside etcdctl and "
                + "etcdutl snapshot status",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.Length > 0 && File.Exists(args[0]))
        {
            return await CompareAsync(args[0], cancellationToken);
        }

        var size = int.Parse(Option(args, "--size") ?? "1024", CultureInfo.InvariantCulture);
        await using var etcd = await LoneEtcd.StartAsync(
            Option(args, "--etcd") ?? "3.5",
            ["--quota-backend-bytes", "8589934592"],
            cancellationToken
        );
        await FillAsync(etcd, size, cancellationToken);
        var path = await etcd.SnapshotAsync(cancellationToken);
        var agrees = await AgreesAsync(etcd, path, cancellationToken);
        return Math.Max(agrees ? 0 : 1, await CompareAsync(path, cancellationToken));
    }

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    // What etcd's own tool and the server that wrote the file say of it.
    private static async Task<bool> AgreesAsync(LoneEtcd etcd, string path, CancellationToken cancellationToken)
    {
        var ours = EtcdDatabase.Summarize(path, cancellationToken);
        var status = await etcd.SnapshotStatusAsync(path, cancellationToken);
        var server = await etcd.HashKvAsync(0, cancellationToken);
        var (revision, keys) = await etcd.CountAsync(cancellationToken);
        (string Name, long Ours, long Theirs)[] values =
        [
            ("revision of the last record", ours.LastRecordRevision, status.GetProperty("revision").GetInt64()),
            ("entries", ours.Entries, status.GetProperty("totalKey").GetInt64()),
            ("size", ours.DbSize, status.GetProperty("totalSize").GetInt64()),
            ("hash", ours.SnapshotHash, status.GetProperty("hash").GetUInt32()),
            ("revision", ours.Revision, revision),
            ("keys", ours.LiveKeys, keys),
            ("HashKV", (long?)ours.HashKv ?? -1, server.Hash),
            ("compacted revision", ours.CompactRevision, server.CompactRevision),
        ];
        foreach (var (name, mine, theirs) in values)
        {
            Console.WriteLine($"{name}: {mine}{(mine == theirs ? ", as etcd says" : $", and etcd says {theirs}")}");
        }

        return values.All(v => v.Ours == v.Theirs);
    }

    // Objects of 1.5 KiB, one in ten changed once more: what a cluster's database looks like between two compactions.
    private static async Task FillAsync(LoneEtcd etcd, int mebibytes, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var count = mebibytes * 1024L * 1024 / 1900;
        await etcd.PutManyAsync(Enumerable.Range(0, (int)count).Select(i => Object(i)), cancellationToken);
        await etcd.CompactAsync((await etcd.CountAsync(cancellationToken)).Revision, cancellationToken);
        await etcd.PutManyAsync(Enumerable.Range(0, (int)count / 10).Select(i => Object(i * 10)), cancellationToken);

        (string, byte[]) Object(int i)
        {
            var value = new byte[1000 + random.Next(1000)];
            random.NextBytes(value);
            return ($"/registry/pods/namespace-{i % 200}/some-deployment-7d4b9c6f5-{i}", value);
        }
    }

    private static async Task<int> CompareAsync(string file, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{file}: {new FileInfo(file).Length / 1048576.0:F0} MiB");
        var good = true;
        foreach (var (version, program) in new[] { ("3.4", "etcdctl"), ("3.5", "etcdutl") })
        {
            var reference = Path.Combine(await EtcdPackages.GetAsync(version, Console.Error.WriteLine, cancellationToken), program);
            var (ours, theirs, full) = (new List<double>(), new List<double>(), new List<double>());
            for (var pair = 0; pair <= Pairs; pair++)
            {
                var a = Time(() => EtcdDatabase.Summarize(file, cancellationToken, null));
                var b = await StatusAsync(reference, file, cancellationToken);
                var c = Time(() => EtcdDatabase.Summarize(file, cancellationToken));
                if (pair > 0)
                {
                    ours.Add(a);
                    theirs.Add(b);
                    full.Add(c);
                }
            }

            var ratio = Median(ours) / Median(theirs);
            good &= ratio <= 1;
            Console.WriteLine(
                $"{program} {version}: ours {Median(ours):F3} s, theirs {Median(theirs):F3} s, ratio {ratio:F2} (target 1.00); with "
                    + $"HashKV and its count {Median(full):F3} s"
            );
        }

        Console.WriteLine(await PeakAsync(cancellationToken));
        return good ? 0 : 1;
    }

    private static double Time(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> StatusAsync(string program, string file, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo(program, ["snapshot", "status", file, "-w", "json"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>The most memory that this process had, in words.</summary>
    internal static async Task<string> PeakAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync("/proc/self/status", cancellationToken);
        return $"peak memory of this process: {lines.First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(':')[1].Trim()}";
    }
}
