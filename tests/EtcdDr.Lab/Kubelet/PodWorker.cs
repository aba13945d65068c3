using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>Brings the containers of one static pod (by full name) to what its manifest says, one step after the other.</summary>
internal sealed class PodWorker : IDisposable
{
    private readonly ContainerRuntime runtime;
    private readonly BackOff backOff;
    private readonly NodeSettings settings;
    private readonly Action<string> log;
    private readonly Action statusChanged;
    private readonly Alarm alarm = new();
    private readonly Dictionary<string, (string Id, Prober Prober)> probers = [];
    private volatile StaticPod? desired;
    private StaticPod? current;

    public PodWorker(ContainerRuntime runtime, BackOff backOff, NodeSettings settings, Action<string> log, Action statusChanged) =>
        (this.runtime, this.backOff, this.settings, this.log, this.statusChanged) = (runtime, backOff, settings, log, statusChanged);

    /// <summary>The pod that runs or is being stopped; null when neither.</summary>
    public StaticPod? Current => Volatile.Read(ref current);

    /// <summary>Nothing desired and nothing running.</summary>
    public bool Idle => desired is null && Current is null;

    /// <summary>Why a container waits, by its name (CrashLoopBackOff, ErrImageNeverPull ...).</summary>
    public Dictionary<string, string> Waiting { get; } = [];

    public void Want(StaticPod? pod)
    {
        if (desired?.Uid == pod?.Uid && desired is null == pod is null)
            return;
        desired = pod;
        alarm.Ring();
    }

    public void Wake() => alarm.Ring();

    public bool IsReady(string container) => probers.TryGetValue(container, out var found) && found.Prober.Ready;

    public bool IsStarted(string container) => probers.TryGetValue(container, out var found) && found.Prober.Started;

    public void Dispose()
    {
        foreach (var (_, prober) in probers.Values)
            prober.Dispose();
        probers.Clear();
        alarm.Dispose();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = TimeSpan.FromMinutes(1);
            try
            {
                var want = desired;
                if (Current is { } old && old.Uid != want?.Uid)
                {
                    await StopAsync(old, cancellationToken);
                    Volatile.Write(ref current, null);
                    statusChanged();
                    continue;
                }

                if (want is not null)
                {
                    if (Current is null)
                        log($"SyncLoop ADD source=\"file\" pod=\"{want.Namespace}/{want.Name}\" uid={want.Uid}");
                    Volatile.Write(ref current, want);
                    wait = Sync(want);
                }

                await alarm.WaitAsync(wait, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                log($"Error syncing pod: {exception.Message}");
                await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>SIGTERM to all, SIGKILL to what is left when the grace is over.</summary>
    internal static async Task KillAsync(IReadOnlyList<Container> containers, int graceSeconds, CancellationToken cancellationToken)
    {
        foreach (var container in containers)
            container.Signal(Posix.SigTerm);
        var deadline = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(Math.Max(2, graceSeconds));
        while (containers.Any(c => c.State == ContainerState.Running) && DateTimeOffset.UtcNow < deadline)
            await Task.Delay(100, cancellationToken);
        foreach (var container in containers)
            container.Signal(Posix.SigKill);
        while (containers.Any(c => c.State == ContainerState.Running))
            await Task.Delay(50, cancellationToken);
    }

    private async Task StopAsync(StaticPod pod, CancellationToken cancellationToken)
    {
        log($"SyncLoop REMOVE source=\"file\" pod=\"{pod.Namespace}/{pod.Name}\" uid={pod.Uid}");
        foreach (var (_, prober) in probers.Values)
            prober.Dispose();
        probers.Clear();
        // What was started a moment ago runs a moment later: it is stopped too, or nobody would ever.
        while (
            runtime.List().Where(c => c.PodUid == pod.Uid && (c.State == ContainerState.Running || IsAboutToStart(c))).ToArray()
                is { Length: > 0 } alive
        )
        {
            await KillAsync([.. alive.Where(c => c.State == ContainerState.Running)], pod.GraceSeconds, cancellationToken);
            await Task.Delay(50, cancellationToken);
        }

        runtime.StopSandbox(pod.Uid);
    }

    // Its shim is about to start it; should the shim have died, it never will.
    private static bool IsAboutToStart(Container container) =>
        container.State == ContainerState.Created
        && DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch.AddTicks(container.CreatedAt / 100) < TimeSpan.FromSeconds(10);

    /// <summary>One look at every container; how long until the next is due by itself.</summary>
    private TimeSpan Sync(StaticPod pod)
    {
        var wait = TimeSpan.FromMinutes(1);
        var mine = runtime.List().Where(c => c.PodUid == pod.Uid).ToArray();
        foreach (var spec in pod.Containers)
        {
            var newest = mine.LastOrDefault(c => c.Name == spec.PartName());
            var next = SyncContainer(pod, spec, newest);
            if (next < wait)
                wait = next;
            Prune(mine.Where(c => c.Name == spec.PartName() && c != newest));
        }

        statusChanged();
        return wait;
    }

    private TimeSpan SyncContainer(StaticPod pod, JsonObject spec, Container? newest)
    {
        var name = spec.PartName();
        switch (newest?.State)
        {
            case ContainerState.Running:
                Waiting.Remove(name);
                if (!probers.TryGetValue(name, out var known) || known.Id != newest.Id)
                {
                    if (known.Prober is { } old)
                        old.Dispose();
                    probers[name] = (newest.Id, new Prober(spec, settings.Address, alarm.Ring));
                }
                else if (known.Prober.Failed)
                {
                    log($"Container {name} failed its probe, will be restarted");
                    _ = KillAsync([newest], pod.GraceSeconds, CancellationToken.None);
                    known.Prober.Dispose();
                    probers.Remove(name);
                    return TimeSpan.FromSeconds(1);
                }

                return TimeSpan.FromMinutes(1);
            case ContainerState.Created:
                if (IsAboutToStart(newest))
                    return TimeSpan.FromSeconds(0.5);
                ContainerRuntime.Remove(newest);
                break;
            case ContainerState.Exited:
                if (probers.Remove(name, out var gone))
                    gone.Prober.Dispose();
                break;
        }

        return Restart(pod, spec, newest);
    }

    private TimeSpan Restart(StaticPod pod, JsonObject spec, Container? newest)
    {
        var name = spec.PartName();
        var hash = StaticPod.MD5Hex(spec.ToJsonString())[..8];
        var key = $"{pod.FullName}_{pod.Uid}_{name}_{hash}";
        if (newest?.State == ContainerState.Exited)
        {
            var policy = pod.Manifest.Text("spec", "restartPolicy") ?? "Always";
            if (policy == "Never" || (policy == "OnFailure" && newest.ExitCode == 0))
                return TimeSpan.FromMinutes(1);
            var finished = newest.FinishedAt ?? DateTimeOffset.UtcNow;
            var remaining = backOff.Remaining(key, finished);
            if (remaining > TimeSpan.Zero)
            {
                Waiting[name] = "CrashLoopBackOff";
                return remaining + TimeSpan.FromMilliseconds(50);
            }

            backOff.Next(key, finished);
        }

        if (ImageList.RootOf(spec.Text("image") ?? "") is not { } image)
        {
            Waiting[name] = "ErrImagePull";
            log($"Failed to pull image \"{spec.Text("image")}\" for {name}: the node does not have it");
            return TimeSpan.FromSeconds(10);
        }

        Waiting.Remove(name);
        var attempt = newest is null ? 0 : newest.Attempt + 1;
        runtime.Start(pod, spec, hash, attempt, image);
        log($"Started container {name} of {pod.Namespace}/{pod.Name}, attempt {attempt}");
        return TimeSpan.FromSeconds(0.5);
    }

    /// <summary>The kubelet keeps one dead container for each that runs (MaxPerPodContainerCount 1).</summary>
    private static void Prune(IEnumerable<Container> older)
    {
        foreach (var container in older.Where(c => c.State == ContainerState.Exited).SkipLast(1))
            ContainerRuntime.Remove(container);
    }
}
