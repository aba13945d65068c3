using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Rolls workloads and deletes infrastructure pods, object by object: one that is refused (a webhook whose service is not up yet, a policy,
/// a conflict) is kept with the reason and asked again later, and the rest goes on; one that went away is no failure. Each rank is awaited
/// before the next, for a time; of storage daemons each is awaited before the next, however long that takes.
/// </summary>
/// <param name="api">The API.</param>
/// <param name="settings">What the profile wants recycled.</param>
/// <param name="restartedAt">The annotation's value.</param>
/// <param name="readiness">Knows the workloads, and when they are rolled out.</param>
/// <param name="budget">How long a rank is awaited, when it begins.</param>
/// <param name="context">The operation.</param>
internal sealed class Recycling(
    KubeApi api,
    RecycleSettings settings,
    string restartedAt,
    Readiness readiness,
    Func<TimeSpan> budget,
    OperationContext context
)
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<string, (RestoreNotReady What, Func<CancellationToken, Task> Again)> _refused = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentDictionary<string, RolledWorkload> _rolled = new(StringComparer.Ordinal);
    private readonly Queue<Workload> _storage = new();
    private RolledWorkload? _storageAwaited;
    private int _deleted;

    /// <summary>What was refused and is not done yet, and storage that waits for its turn, with the reasons.</summary>
    public IReadOnlyList<RestoreNotReady> Left =>
        [
            .. _refused
                .Values.Select(r => r.What)
                .Concat(_storage.Select(Waits))
                .OrderBy(w => w.Namespace, StringComparer.Ordinal)
                .ThenBy(w => w.Name, StringComparer.Ordinal),
        ];

    /// <summary>What was done, in words.</summary>
    public string Words
    {
        get
        {
            var left = Left.Count;
            return $"{_rolled.Count} workloads rolled, {_deleted} pods deleted{(left == 0 ? string.Empty : $", {left} not yet")}";
        }
    }

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

    /// <summary>Asks once more for what was refused, and goes on with storage where the last daemon is back.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        await EachAsync([.. _refused.Values], refused => refused.Again(cancellationToken), cancellationToken);
        await GoOnWithStorageAsync(cancellationToken);
    }

    private async Task RollAsync(CancellationToken cancellationToken)
    {
        var backends = await WebhookBackends.ReadAsync(api, cancellationToken);
        var workloads = (await readiness.WorkloadsAsync(cancellationToken)).Where(w =>
            !settings.ExcludedNamespaces.Contains(w.Namespace) && w is { Paused: false, RollsByItself: true }
        );
        foreach (var rank in RecycleOrder.Ranks([.. workloads], backends))
        {
            if (rank.OneAtATime)
            {
                await RollOneAtATimeAsync(rank.Workloads, cancellationToken);
            }
            else
            {
                await EachAsync(rank.Workloads, w => RollAsync(w, cancellationToken), cancellationToken);
                await AwaitAsync([.. rank.Workloads.Select(Rolled).OfType<RolledWorkload>()], cancellationToken);
            }
        }
    }

    private Task RollAsync(Workload workload, CancellationToken cancellationToken) =>
        TryAsync(
            new RestoreNotReady(workload.Kind, workload.Namespace, workload.Name, string.Empty),
            async ct =>
            {
                var patched = await api.PatchAsync(workload.Path, Restart(), KubePatch.Merge, ct);
                var generation = patched["metadata"]?["generation"]?.GetValue<long>() ?? workload.Generation;
                _rolled[workload.Path] = new RolledWorkload(workload, generation);
            },
            cancellationToken
        );

    private RolledWorkload? Rolled(Workload workload) => _rolled.GetValueOrDefault(workload.Path);

    // The next rank may need what this one gives, a network or a webhook's answer. It is not waited for until the end of time: what a
    // broken cluster can do without it is done all the same.
    private async Task AwaitAsync(IReadOnlyList<RolledWorkload> rolled, CancellationToken cancellationToken)
    {
        var left = await readiness.WaitForAsync(rolled, context.Time.GetUtcNow() + budget(), cancellationToken);
        if (left.Count > 0)
        {
            context.Sink.Verbose($"{string.Join(", ", left.Select(l => Name(l.Workload)))}: not rolled out yet; what comes after goes on.");
        }
    }

    private async Task RollOneAtATimeAsync(IReadOnlyList<Workload> workloads, CancellationToken cancellationToken)
    {
        foreach (var workload in workloads)
        {
            _storage.Enqueue(workload);
        }

        while (await GoOnWithStorageAsync(cancellationToken))
        {
            await AwaitAsync(_storageAwaited is { } awaited ? [awaited] : [], cancellationToken);
        }
    }

    // Two daemons of one storage that are away at the same time may be a quorum lost, or both copies of somebody's data.
    private async Task<bool> GoOnWithStorageAsync(CancellationToken cancellationToken)
    {
        if ((_storageAwaited is { } last && !readiness.IsRolledOut(last)) || !_storage.TryPeek(out var next))
        {
            return false;
        }

        await RollAsync(next, cancellationToken);
        if (Rolled(next) is not { } rolled && _refused.ContainsKey(Key(next.Kind, next.Namespace, next.Name)))
        {
            // Refused: it is asked again with the others, and those behind it wait.
            return false;
        }

        _storageAwaited = Rolled(next);
        _storage.Dequeue();
        return true;
    }

    private RestoreNotReady Waits(Workload workload) =>
        new(
            workload.Kind,
            workload.Namespace,
            workload.Name,
            _storageAwaited is { } awaited && !readiness.IsRolledOut(awaited)
                ? $"storage is restarted one at a time, and {Name(awaited.Workload)} is not back yet"
                : "storage is restarted one at a time, and its turn has not come yet"
        );

    private static string Name(Workload workload) => $"{workload.Kind} {workload.Namespace}/{workload.Name}";

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
        foreach (var space in RecycleOrder.SystemNamespaces.Except(settings.ExcludedNamespaces, StringComparer.Ordinal))
        {
            await foreach (var item in api.ListAsync($"/api/v1/namespaces/{space}/pods", cancellationToken: cancellationToken))
            {
                var pod = PodState.From(item);
                if (RecycleOrder.IsDeleted(pod, settings))
                {
                    pods.Add(pod);
                }
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
        var key = Key(what.Kind, what.Namespace, what.Name);
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

    private static string Key(string kind, string? space, string name) => $"{kind}/{space}/{name}";

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (item, _) => await work(item)
        );
}
