using System.Diagnostics;
using System.Text.Json;
using EtcdDr.Bench.Measuring;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// <c>capture</c>: the inventory part of <c>New-EtcdSnapshot</c> alone, in a process of its own for its peak memory. No cmdlet does just
/// that, so it is the engine that is called.
/// </summary>
internal static class CaptureCommand
{
    public static BenchCommand Command { get; } =
        new("capture", "PROFILE DIRECTORY", "(internal) writes the inventory of the profile's primary into a directory", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var cluster = EtcdClusterResolver.FromProfile(EtcdProfile.Load(args[0]), "primary");
        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        await InventoryReader.CaptureAsync(api, (path, write) => WriteAsync(Path.Combine(args[1], path), write), cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new Measurement(seconds, ProcessMemory.PeakKiB())));
        return 0;
    }

    private static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = File.Create(path);
        await write(file);
    }
}
