using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The API side of the kubelet: node status and lease, mirror pods of static pods, and workload pods, which are only records
/// here.</summary>
internal sealed class NodeAgent : IDisposable
{
    private const string RecordDirectory = "/run/lab/kubelet/pods";
    private readonly NodeSettings settings;
    private readonly PlayedKubelet kubelet;
    private readonly ContainerRuntime runtime;
    private readonly ApiClient api;
    private readonly Reflector pods;
    private readonly Alarm alarm = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> due = new();
    private string podCidr;
    private string? nodeUid;
    private DateTimeOffset lastReport;

    public NodeAgent(NodeSettings settings, PlayedKubelet kubelet, ContainerRuntime runtime)
    {
        (this.settings, this.kubelet, this.runtime, podCidr) = (settings, kubelet, runtime, settings.PodCidr);
        api = ApiClient.FromKubeconfig(settings.Kubeconfig);
        pods = new Reflector(api, $"/api/v1/pods?fieldSelector=spec.nodeName%3D{settings.Name}", alarm.Ring, ComponentProcess.Log);
        kubelet.StatusChanged += alarm.Ring;
    }

    public void Dispose()
    {
        kubelet.StatusChanged -= alarm.Ring;
        api.Dispose();
        alarm.Dispose();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(RecordDirectory);
        var interval = settings.Speed("nodeStatusSeconds", 10);
        await Task.WhenAll(
            RepeatAsync("node status", interval, ReportNodeAsync, cancellationToken),
            RepeatAsync("node lease", interval, RenewLeaseAsync, cancellationToken),
            pods.RunAsync(cancellationToken),
            SyncPodsAsync(cancellationToken)
        );
    }

    private static async Task RepeatAsync(
        string what,
        TimeSpan interval,
        Func<CancellationToken, Task> step,
        CancellationToken cancellationToken
    )
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = interval;
            if (!await TryAsync(what, step, cancellationToken))
                wait = TimeSpan.FromSeconds(Math.Min(2, interval.TotalSeconds));
            await Task.Delay(wait, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> TryAsync(string what, Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or IOException or ApiException)
        {
            ComponentProcess.Log($"{what}: {exception.Message}");
            return false;
        }
    }

    private async Task ReportNodeAsync(CancellationToken cancellationToken)
    {
        var node = await api.GetAsync($"/api/v1/nodes/{settings.Name}", cancellationToken);
        if (node is null)
        {
            node = await api.CreateAsync("/api/v1/nodes", NodeStatus.NewNode(settings), cancellationToken);
            ComponentProcess.Log($"Successfully registered node {settings.Name}");
        }

        (podCidr, nodeUid) = (node.Text("spec", "podCIDR") ?? settings.PodCidr, node.Uid());
        var wanted = node.Copy();
        NodeStatus.Fill(settings, wanted);
        var same = JsonNode.DeepEquals(NodeStatus.Essence(wanted), NodeStatus.Essence(node));
        // Unchanged status is reported every five minutes; the lease is the heartbeat.
        if (same && DateTimeOffset.UtcNow - lastReport < TimeSpan.FromMinutes(5))
            return;
        await api.MergeAsync(
            $"/api/v1/nodes/{settings.Name}/status",
            new JsonObject { ["status"] = wanted.At("status")!.DeepClone() },
            cancellationToken
        );
        lastReport = DateTimeOffset.UtcNow;
    }

    private async Task RenewLeaseAsync(CancellationToken cancellationToken)
    {
        const string all = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
        var spec = new JsonObject
        {
            ["holderIdentity"] = settings.Name,
            ["leaseDurationSeconds"] = 40,
            ["renewTime"] = Json.MicroTime(DateTimeOffset.UtcNow),
        };
        try
        {
            await api.MergeAsync($"{all}/{settings.Name}", new JsonObject { ["spec"] = spec.Copy() }, cancellationToken);
        }
        catch (ApiException exception) when (exception.Code == HttpStatusCode.NotFound)
        {
            await api.CreateAsync(
                all,
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = settings.Name },
                    ["spec"] = spec,
                },
                cancellationToken
            );
        }
    }

    private async Task SyncPodsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var good = await TryAsync("pods", SyncOnceAsync, cancellationToken);
            var next = due.Values.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
            var wait = next == DateTimeOffset.MaxValue ? TimeSpan.FromMinutes(1) : next - DateTimeOffset.UtcNow;
            if (!good)
                wait = TimeSpan.FromSeconds(2);
            try
            {
                await alarm.WaitAsync(wait < TimeSpan.FromMinutes(1) ? wait : TimeSpan.FromMinutes(1), cancellationToken);
                await Task.Delay(100, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task SyncOnceAsync(CancellationToken cancellationToken)
    {
        if (!pods.Synced)
            return;
        due.Clear();
        var workers = kubelet.Workers.Where(w => w.Current is not null).ToDictionary(w => $"{w.Current!.Namespace}/{w.Current.Name}");
        foreach (var (key, worker) in workers)
            await SyncMirrorAsync(worker, pods.Items.GetValueOrDefault(key), cancellationToken);
        foreach (var (key, pod) in pods.Items.ToArray())
        {
            if (!IsMirror(pod))
                await SyncWorkloadAsync(pod, cancellationToken);
            else if (!workers.ContainsKey(key))
                await api.DeleteAsync(PathOf(pod), 0, cancellationToken, pod.Uid());
        }

        var known = pods.Items.Values.Select(p => p.Uid()).ToHashSet();
        foreach (var file in Directory.EnumerateFiles(RecordDirectory).Where(f => !known.Contains(Path.GetFileNameWithoutExtension(f))))
            File.Delete(file);
    }

    private async Task SyncMirrorAsync(PodWorker worker, JsonObject? mirror, CancellationToken cancellationToken)
    {
        if (worker.Current is not { } pod)
            return;
        var path = $"/api/v1/namespaces/{pod.Namespace}/pods";
        if (mirror is null)
        {
            if (nodeUid is not { } owner)
            {
                // A mirror pod belongs to its node, which is registered first.
                due[pod.Uid] = DateTimeOffset.UtcNow.AddSeconds(1);
                return;
            }

            try
            {
                mirror = await api.CreateAsync(path, NewMirror(pod, owner), cancellationToken);
                pods.Items.TryAdd($"{pod.Namespace}/{pod.Name}", mirror);
            }
            catch (ApiException exception) when (exception.Code == HttpStatusCode.Conflict)
            {
                // Made by the kubelet before this one, not seen by the watch yet: looked at again soon.
                due[pod.Uid] = DateTimeOffset.UtcNow.AddSeconds(2);
                return;
            }
        }

        if (
            mirror.At("metadata", "deletionTimestamp") is not null
            || mirror.Text("metadata", "annotations", "kubernetes.io/config.mirror") != pod.Uid
        )
        {
            // Another pod's: of an older manifest, or of the cluster that a snapshot is from.
            await api.DeleteAsync($"{path}/{pod.Name}", 0, cancellationToken, mirror.Uid());
            due[pod.Uid] = DateTimeOffset.UtcNow.AddSeconds(1);
            return;
        }

        await ReportAsync($"{path}/{pod.Name}", mirror, PodStatus.OfStatic(mirror, pod, worker, runtime, settings), cancellationToken);
    }

    private JsonObject NewMirror(StaticPod pod, string owner)
    {
        var mirror = pod.Manifest.Copy();
        mirror.Remove("status");
        var metadata = mirror.Make("metadata");
        metadata["name"] = pod.Name;
        metadata["namespace"] = pod.Namespace;
        metadata.Remove("uid");
        metadata.Remove("creationTimestamp");
        metadata["ownerReferences"] = new JsonArray(
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Node",
                ["name"] = settings.Name,
                ["uid"] = owner,
                ["controller"] = true,
            }
        );
        var annotations = metadata.Make("annotations");
        annotations["kubernetes.io/config.hash"] = pod.Uid;
        annotations["kubernetes.io/config.mirror"] = pod.Uid;
        annotations["kubernetes.io/config.seen"] = Json.Time(DateTimeOffset.UtcNow);
        annotations["kubernetes.io/config.source"] = "file";
        mirror.Make("spec")["nodeName"] = settings.Name;
        return mirror;
    }

    private async Task SyncWorkloadAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        var record = Path.Combine(RecordDirectory, pod.Uid());
        if (pod.At("metadata", "deletionTimestamp") is not null)
        {
            if (!Passed(pod.Uid() + "/stop", record + ".stop", settings.Speed("podStopSeconds", 1)))
                return;
            await api.DeleteAsync(PathOf(pod), 0, cancellationToken, pod.Uid());
            return;
        }

        if (pod.Text("status", "phase") is "Succeeded" or "Failed")
            return;
        var running = Passed(pod.Uid(), record, settings.Speed("podStartSeconds", 3));
        var trouble = running ? pod.Text("metadata", "annotations", "lab.etcddr/waiting") : null;
        if (running && trouble is null && pod.Text("spec", "restartPolicy") is "Never" or "OnFailure")
        {
            await ReportAsync(PathOf(pod), pod, Succeeded(pod), cancellationToken);
            return;
        }

        await ReportAsync(PathOf(pod), pod, PodStatus.OfWorkload(pod, settings, podCidr, running, trouble), cancellationToken);
    }

    private JsonObject Succeeded(JsonObject pod)
    {
        var status = PodStatus.OfWorkload(pod, settings, podCidr, running: true, trouble: null);
        status["phase"] = "Succeeded";
        return status;
    }

    /// <summary>Whether the time since the record was first made has passed; records outlive the kubelet, as containers do.</summary>
    private bool Passed(string key, string record, TimeSpan time)
    {
        if (!File.Exists(record))
            File.WriteAllText(record, "");
        var end = new DateTimeOffset(File.GetLastWriteTimeUtc(record), TimeSpan.Zero) + time;
        if (end <= DateTimeOffset.UtcNow)
            return true;
        due[key] = end;
        return false;
    }

    private async Task ReportAsync(string path, JsonObject pod, JsonObject status, CancellationToken cancellationToken)
    {
        if (JsonNode.DeepEquals(status, pod.At("status")))
            return;
        var updated = await api.MergeAsync(
            $"{path}/status",
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = pod.Uid() },
                ["status"] = status.DeepClone(),
            },
            cancellationToken
        );
        pod["status"] = updated.At("status")?.DeepClone();
    }

    private static bool IsMirror(JsonObject pod) => pod.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null;

    private static string PathOf(JsonObject pod) => $"/api/v1/namespaces/{pod.Namespace()}/pods/{pod.Name()}";
}
