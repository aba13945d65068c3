using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Rolls workloads and deletes infrastructure pods, object by object: one that is refused (a webhook whose service is not up yet, a policy,
/// a conflict) is kept with the reason and asked again later, and the rest goes on; one that went away is no failure.
/// </summary>
internal sealed class Recycling(KubeApi api, RecycleSettings settings, string restartedAt)
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<string, (RestoreNotReady What, Func<CancellationToken, Task> Again)> _refused = new(
        StringComparer.Ordinal
    );
    private int _rolled;
    private int _deleted;

    /// <summary>What was refused and is not done yet, with the reasons.</summary>
    public IReadOnlyList<RestoreNotReady> Refused =>
        [
            .. _refused
                .Values.Select(r => r.What)
                .OrderBy(w => w.Namespace, StringComparer.Ordinal)
                .ThenBy(w => w.Name, StringComparer.Ordinal),
        ];

    /// <summary>What was done, in words.</summary>
    public string Words =>
        $"{_rolled} workloads rolled, {_deleted} pods deleted{(_refused.IsEmpty ? string.Empty : $", {_refused.Count} refused so far")}";

    /// <summary>Does all once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (settings.Workloads)
        {
            await RollAsync(cancellationToken);
        }

        if (settings.InfrastructurePods.Count > 0)
        {
            await DeletePodsAsync(cancellationToken);
        }
    }

    /// <summary>Asks once more for what was refused.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken) =>
        await EachAsync([.. _refused.Values], refused => refused.Again(cancellationToken), cancellationToken);

    private async Task RollAsync(CancellationToken cancellationToken)
    {
        var workloads = new List<Workload>();
        foreach (var plural in Workloads.Plurals)
        {
            await foreach (var item in api.ListAsync($"/apis/apps/v1/{plural}", cancellationToken: cancellationToken))
            {
                workloads.Add(Workload.From(plural, item));
            }
        }

        var backends = await WebhookBackends.ReadAsync(api, cancellationToken);
        foreach (
            var rank in RecycleOrder.Ranks(
                workloads.Where(w => !settings.ExcludedNamespaces.Contains(w.Namespace) && !w.Paused && w.RollsByItself),
                backends
            )
        )
        {
            await EachAsync(
                rank,
                workload =>
                    TryAsync(
                        new RestoreNotReady(workload.Kind, workload.Namespace, workload.Name, string.Empty),
                        async ct =>
                        {
                            await api.PatchAsync(workload.Path, Restart(), KubePatch.Merge, ct);
                            Interlocked.Increment(ref _rolled);
                        },
                        cancellationToken
                    ),
                cancellationToken
            );
        }
    }

    private JsonObject Restart() =>
        new()
        {
            ["spec"] = new JsonObject
            {
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [RestartedAt] = restartedAt } },
                },
            },
        };

    private async Task DeletePodsAsync(CancellationToken cancellationToken)
    {
        var pods = new List<PodState>();
        await foreach (var item in api.ListAsync("/api/v1/pods", cancellationToken: cancellationToken))
        {
            var pod = PodState.From(item);
            if (RecycleOrder.IsDeleted(pod, settings))
            {
                pods.Add(pod);
            }
        }

        await EachAsync(
            pods,
            pod =>
                TryAsync(
                    new RestoreNotReady("Pod", pod.Namespace, pod.Name, string.Empty),
                    async ct =>
                    {
                        await api.DeleteAsync($"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}", cancellationToken: ct);
                        Interlocked.Increment(ref _deleted);
                    },
                    cancellationToken
                ),
            cancellationToken
        );
    }

    private async Task TryAsync(RestoreNotReady what, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var key = $"{what.Kind}/{what.Namespace}/{what.Name}";
        try
        {
            await work(cancellationToken);
            _refused.TryRemove(key, out _);
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeApiNotFound")
        {
            _refused.TryRemove(key, out _);
        }
        catch (EtcdDrException e)
        {
            _refused[key] = (what with { Reason = $"it could not be restarted: {e.Message.TrimEnd('.')}" }, ct => TryAsync(what, work, ct));
        }
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (item, _) => await work(item)
        );
}
