using System.Diagnostics;
using System.Globalization;
using EtcdDr.Bench.Measuring;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab.Etcd;

namespace EtcdDr.Bench.Reading;

/// <summary><c>keys</c>: what Get-EtcdSnapshotKey does, over a million keys, and the most memory that it takes. The keys are made by one
/// process and read by another.</summary>
internal static class KeysCommand
{
    private const int Limit = 250;

    public static BenchCommand Command { get; } =
        new(
            "keys",
            "[FILE] [--count N]",
            "lists the keys of a database (a million are made where no file is given) and tells the peak memory (target 250 MiB)",
            RunAsync
        );

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.Length > 0 && File.Exists(args[0]))
        {
            return await ReadAsync(args[0], cancellationToken);
        }

        var at = Array.IndexOf(args, "--count");
        var count = at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 1_000_000;
        await using var etcd = await LoneEtcd.StartAsync("3.5", ["--quota-backend-bytes", "8589934592"], cancellationToken);
        await etcd.PutManyAsync(
            Enumerable.Range(0, count).Select(i => ($"/registry/configmaps/namespace-{i % 500}/name-{i}", new byte[100 + (i % 100)])),
            cancellationToken
        );
        var path = await etcd.SnapshotAsync(cancellationToken);
        using var reader = Process.Start(BenchProgram.Dotnet, [BenchProgram.Assembly, "keys", path]);
        await reader.WaitForExitAsync(cancellationToken);
        return reader.ExitCode;
    }

    private static async Task<int> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (keys, bytes) = (0L, 0L);
        var snapshot = new EtcdSnapshot
        {
            Name = Path.GetFileName(path),
            Path = path,
            Format = SnapshotFormat.Database,
        };
        await new SnapshotKeyReader(new SshHostFactory(), new OperationContext(new SilentSink())).ReadAsync(
            snapshot,
            new SnapshotKeyQuery(),
            key =>
            {
                keys++;
                bytes += key.Size;
            },
            cancellationToken
        );
        var peak = await ReaderCommand.PeakAsync(cancellationToken);
        Console.WriteLine(
            $"{keys} keys of {bytes} bytes in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s, "
                + $"{new FileInfo(path).Length / 1048576.0:F0} MiB; {peak}"
        );
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 <= Limit * 1048576L ? 0 : 1;
    }
}
