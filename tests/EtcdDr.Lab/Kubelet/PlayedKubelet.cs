using System.Collections.Concurrent;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The static-pod part of the kubelet: manifests in, containers out.</summary>
internal sealed class PlayedKubelet : IDisposable
{
    private readonly NodeSettings settings;
    private readonly ContainerRuntime runtime;
    private readonly Action<string> log;
    private readonly BackOff backOff;
    private readonly Alarm alarm = new();
    private readonly ConcurrentDictionary<string, PodWorker> workers = new();
    private readonly List<Task> running = [];

    public PlayedKubelet(NodeSettings settings, ContainerRuntime runtime, Action<string> log)
    {
        (this.settings, this.runtime, this.log) = (settings, runtime, log);
        backOff = new BackOff(settings.Speed("crashBackOffSeconds", 10), settings.Speed("crashBackOffMaxSeconds", 300));
    }

    /// <summary>Something about a static pod changed.</summary>
    public event Action? StatusChanged;

    /// <summary>The pods that run or are being stopped, with what is known of their containers.</summary>
    public IEnumerable<PodWorker> Workers => workers.Values.Where(w => w.Current is not null);

    public void Dispose()
    {
        foreach (var worker in workers.Values)
            worker.Dispose();
        alarm.Dispose();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        runtime.Prepare();
        Directory.CreateDirectory(settings.StaticPodPath);
        using var files = Watch(settings.StaticPodPath, "*", alarm.Ring);
        using var ends = Watch(runtime.Containers, "exit", WakeWorkers, below: true);
        var orphans = KillOrphansAsync(cancellationToken);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Distribute(StaticPod.ReadAll(settings.StaticPodPath, settings.Name, log), cancellationToken);
                CollectGarbage();
                await alarm.WaitAsync(settings.FileCheck, cancellationToken);
                // A burst (write, rename, several manifests) is one change.
                await Task.Delay(50, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Containers stay: only the kubelet stops.
        }

        await Task.WhenAll([.. running, orphans]);
    }

    private void Distribute(IReadOnlyList<StaticPod> pods, CancellationToken cancellationToken)
    {
        // Two files with one pod's name: the one that runs stays, else the first by file name, as with the real one; the other waits.
        var wanted = new Dictionary<string, StaticPod>();
        foreach (var group in pods.GroupBy(p => p.FullName))
        {
            var runs = workers.TryGetValue(group.Key, out var worker) ? worker.Current?.Uid : null;
            wanted[group.Key] = group.FirstOrDefault(p => p.Uid == runs) ?? group.First();
        }

        foreach (var (name, worker) in workers)
        {
            if (!wanted.ContainsKey(name))
                worker.Want(null);
        }

        foreach (var (name, pod) in wanted)
        {
            workers.GetOrAdd(name, _ => StartWorker(cancellationToken)).Want(pod);
        }
    }

    private PodWorker StartWorker(CancellationToken cancellationToken)
    {
        var worker = new PodWorker(runtime, backOff, settings, log, () => StatusChanged?.Invoke());
        running.Add(Task.Run(() => worker.RunAsync(cancellationToken), cancellationToken));
        return worker;
    }

    private void WakeWorkers()
    {
        foreach (var worker in workers.Values)
            worker.Wake();
    }

    /// <summary>
    /// Containers whose manifest went or changed while the kubelet was away: stopped some time after its start and beside the new ones, as
    /// the real one does (DESIGN section 7: duplicates).
    /// </summary>
    private async Task KillOrphansAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(settings.Speed("housekeepingSeconds", 2), cancellationToken);
            var known = workers.Values.Select(w => w.Current?.Uid).ToHashSet();
            var orphans = runtime.List().Where(c => c.State == ContainerState.Running && !known.Contains(c.PodUid)).ToArray();
            foreach (var group in orphans.GroupBy(o => o.PodUid))
            {
                log($"Killing unwanted pod uid={group.Key}");
                await PodWorker.KillAsync([.. group], (int)(group.First().Record.Number("grace") ?? 30), cancellationToken);
                runtime.StopSandbox(group.Key);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next kubelet does it.
        }
    }

    /// <summary>Dead containers of pods that are gone leave after a minute; a wanted pod keeps its last dead one.</summary>
    private void CollectGarbage()
    {
        var wanted = workers.Values.Select(w => w.Current?.Uid).OfType<string>().ToHashSet();
        foreach (var container in runtime.List().Where(c => c.State == ContainerState.Exited && !wanted.Contains(c.PodUid)))
        {
            if (DateTimeOffset.UtcNow - (container.FinishedAt ?? DateTimeOffset.UnixEpoch) > TimeSpan.FromMinutes(1))
                ContainerRuntime.Remove(container);
        }

        runtime.Sweep(wanted.Contains);
    }

    private static FileSystemWatcher Watch(string directory, string filter, Action changed, bool below = false)
    {
        var watcher = new FileSystemWatcher(directory, filter)
        {
            IncludeSubdirectories = below,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite,
        };
        watcher.Created += (_, _) => changed();
        watcher.Changed += (_, _) => changed();
        watcher.Deleted += (_, _) => changed();
        watcher.Renamed += (_, _) => changed();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
