using System.Text.Json.Nodes;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Brings nodes and workloads in line with the state that serves now: checks etcd, removes what belongs to the source cluster, restarts what must start anew, and waits, in the
/// open, until all is ready or the time is over.
/// </summary>
internal sealed class Converge(RestoreRun run, KubeApi api, IReadOnlyList<ClusterNode> allNodes, string phase = "Converge")
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    /// <summary>HashKV that the members agree on; null before <see cref="CheckEtcdAsync"/>.</summary>
    public long? HashKv { get; private set; }

    /// <summary>Cluster id of the members; null before <see cref="CheckEtcdAsync"/>.</summary>
    public string? ClusterId { get; private set; }

    /// <summary>Carries it out.</summary>
    /// <returns>What was not ready when the time was over.</returns>
    public async Task<IReadOnlyList<RestoreNotReady>> RunAsync(CancellationToken cancellationToken)
    {
        var since = run.Context.Time.GetUtcNow().UtcDateTime;
        await run.OnceAsync(phase, StepNames.CheckEtcd, CheckEtcdAsync, cancellationToken);
        await run.OnceAsync(phase, StepNames.CleanState, CleanStateAsync, cancellationToken);
        if (run.Session.Cluster.Recycle.Kubelets)
        {
            await run.OnceAsync(phase, StepNames.RestartKubelets, RestartKubeletsAsync, cancellationToken);
        }

        await run.OnceAsync(phase, StepNames.Recycle, RecycleAsync, cancellationToken);
        IReadOnlyList<RestoreNotReady> left = [];
        await run.OnceAsync(phase, StepNames.WaitReady, async ct =>
        {
            left = await WaitAsync(since, ct);
            return left.Count == 0 ? "all ready" : $"{left.Count} not ready";
        }, cancellationToken);
        return left;
    }

    private async Task<string?> CheckEtcdAsync(CancellationToken cancellationToken)
    {
        var members = new List<EtcdConnection>();
        try
        {
            foreach (var node in run.Nodes)
            {
                members.Add(await EtcdConnection.ConnectAsync(run.Session, node.Node, node.Facts.Etcd, cancellationToken, node.Facts.Manifests.ApiServer));
            }

            var agreement = await HashAgreement.CheckAsync(members, run.Context, cancellationToken);
            HashKv = agreement.Hash;
            ClusterId = agreement.ClusterId;
            return $"HashKV {agreement.Hash} at revision {agreement.Revision} on {members.Count} members, cluster id {agreement.ClusterId}";
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    // The source's apiservers left their leases; until those are gone the service "kubernetes" sends clients to the other site.
    private async Task<string?> CleanStateAsync(CancellationToken cancellationToken)
    {
        var said = new List<string>();
        var own = run.Nodes.Select(n => n.Facts.Manifests.ApiServer?.AdvertiseAddress).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var first = run.Nodes[0];
        await using (var etcd = await EtcdConnection.ConnectAsync(run.Session, first.Node, first.Facts.Etcd, cancellationToken, first.Facts.Manifests.ApiServer))
        {
            var prefix = $"{first.Facts.Manifests.ApiServer?.EtcdPrefix ?? "/registry"}/masterleases/";
            await foreach (var key in etcd.KeysAsync(prefix, cancellationToken))
            {
                if (own.Count > 0 && !own.Contains(key[prefix.Length..]) && await etcd.DeleteAsync(key, cancellationToken))
                {
                    said.Add($"removed {key}");
                }
            }
        }

        if (await ClusterInfo.PutRightAsync(api, run.Session.Cluster, cancellationToken))
        {
            said.Add("put this cluster's CA into kube-public/cluster-info");
        }

        return said.Count == 0 ? "nothing to clean" : string.Join(", ", said);
    }

    // One step for all nodes: a cluster may have thousands of workers, and the journal is written for each step.
    private async Task<string?> RestartKubeletsAsync(CancellationToken cancellationToken)
    {
        var restarted = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = run.Context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(allNodes, parallel, async (node, ct) =>
        {
            try
            {
                var host = await run.Session.HostAsync(node, ct);
                await host.RunAsync(ControlPlane.ControlPlaneCommands.RestartKubelet, ct);
                Interlocked.Increment(ref restarted);
            }
            catch (EtcdDrException e)
            {
                // One kubelet that cannot be restarted must not keep the others from it; readiness is judged at the end.
                run.Context.Sink.Warning($"The kubelet of node '{node.Name}' was not restarted: {e.Message} {e.RecommendedAction}");
            }
        });
        return $"{restarted} of {allNodes.Count} kubelets restarted";
    }

    private async Task<string?> RecycleAsync(CancellationToken cancellationToken)
    {
        var settings = run.Session.Cluster.Recycle;
        var rolled = settings.Workloads ? await RollAsync(settings, cancellationToken) : 0;
        var deleted = await DeletePodsAsync(settings, cancellationToken);
        return $"{rolled} workloads rolled, {deleted} pods deleted";
    }

    private async Task<int> RollAsync(RecycleSettings settings, CancellationToken cancellationToken)
    {
        var now = run.Context.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var rolled = 0;
        foreach (var plural in Workloads.Plurals)
        {
            await foreach (var item in api.ListAsync($"/apis/apps/v1/{plural}", cancellationToken: cancellationToken))
            {
                var workload = Workload.From(plural, item);
                if (settings.ExcludedNamespaces.Contains(workload.Namespace) || workload.Paused || !workload.RollsByItself)
                {
                    continue;
                }

                var patch = new JsonObject
                {
                    ["spec"] = new JsonObject
                    {
                        ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [RestartedAt] = now } } },
                    },
                };
                await api.PatchAsync(workload.Path, patch, KubePatch.Merge, cancellationToken);
                rolled++;
            }
        }

        return rolled;
    }

    // Pods of workloads that were just rolled are replaced anyway, and the API object of a static pod is only its mirror.
    private async Task<int> DeletePodsAsync(RecycleSettings settings, CancellationToken cancellationToken)
    {
        var deleted = 0;
        if (settings.InfrastructurePods.Count == 0)
        {
            return deleted;
        }

        await foreach (var item in api.ListAsync("/api/v1/pods", cancellationToken: cancellationToken))
        {
            var pod = PodState.From(item);
            var matches = settings.InfrastructurePods.Any(part => pod.Name.Contains(part, StringComparison.Ordinal));
            if (!matches || pod.IsMirror || (settings.Workloads && pod.IsOwnedByWorkload) || settings.ExcludedNamespaces.Contains(pod.Namespace))
            {
                continue;
            }

            await api.DeleteAsync($"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}", cancellationToken: cancellationToken);
            deleted++;
        }

        return deleted;
    }

    private async Task<IReadOnlyList<RestoreNotReady>> WaitAsync(DateTime since, CancellationToken cancellationToken)
    {
        var deadline = run.Context.Time.GetUtcNow() + run.Options.ConvergeTimeout;
        while (true)
        {
            var left = await Readiness.LookAsync(api, allNodes, since, cancellationToken);
            if (left.Count == 0)
            {
                return left;
            }

            if (run.Context.Time.GetUtcNow() >= deadline)
            {
                return await Readiness.WithEventsAsync(api, left, cancellationToken);
            }

            var some = string.Join(", ", left.Take(3).Select(l => $"{l.Kind} {(l.Namespace is null ? l.Name : $"{l.Namespace}/{l.Name}")}"));
            run.Context.Sink.Progress(new Operations.ProgressUpdate(run.Activity, null, $"Waiting for {left.Count}: {some}"));
            await Task.Delay(TimeSpan.FromSeconds(1), run.Context.Time, cancellationToken);
        }
    }
}
