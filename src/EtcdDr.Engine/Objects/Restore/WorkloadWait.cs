using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Waits until workloads run, and says which do not and why.</summary>
public sealed class WorkloadWait(OperationContext context)
{
    private const int EventsPerObject = 2;

    private static readonly Dictionary<string, string> Plurals = new(StringComparer.Ordinal)
    {
        ["Deployment"] = "deployments",
        ["StatefulSet"] = "statefulsets",
        ["DaemonSet"] = "daemonsets",
    };

    /// <summary>Waits for those among some results.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="results">What was put into it.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task RunAsync(
        EtcdCluster cluster,
        IEnumerable<ClusterObjectResult> results,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var wanted = results
            .Where(r =>
                IsWorkload(r)
                && r.Action is not (ClusterObjectAction.Refused or ClusterObjectAction.Conflict or ClusterObjectAction.LeftOut)
            )
            .GroupBy(r => (r.Kind, r.Namespace))
            .ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        await using var api = await KubeApi.ConnectAsync(cluster, cancellationToken);
        var left = new ConcurrentDictionary<(string Kind, string Namespace, string Name), string>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        await Task.WhenAll(wanted.Select(g => WatchAsync(api, g.Key.Kind, g.Key.Namespace!, [.. g.Select(r => r.Name)], left, end.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var ((kind, space, name), reason) in left.OrderBy(l => l.Key))
        {
            var events = await EventsAsync(api, kind, space, name, cancellationToken);
            context.Sink.Error(
                ObjectErrors.NotReady(cluster.Name, new ObjectKey("", kind, space, name), string.Join("; ", events.Prepend(reason)), limit)
            );
        }
    }

    private static bool IsWorkload(ClusterObjectResult result) =>
        (result.ApiVersion == "apps/v1" && Plurals.ContainsKey(result.Kind)) || result is { ApiVersion: "v1", Kind: "Pod" };

    private async Task WatchAsync(
        KubeApi api,
        string kind,
        string space,
        HashSet<string> names,
        ConcurrentDictionary<(string Kind, string Namespace, string Name), string> left,
        CancellationToken cancellationToken
    )
    {
        foreach (var name in names)
        {
            left[(kind, space, name)] = "it has not been seen";
        }

        var plural = kind == "Pod" ? null : Plurals[kind];
        var path = plural is null ? $"/api/v1/namespaces/{space}/pods" : $"/apis/apps/v1/namespaces/{space}/{plural}";
        try
        {
            await foreach (var change in api.WatchAsync(path, cancellationToken: cancellationToken))
            {
                if (change.Item is { } item && names.Contains(item.TextAt("metadata", "name") ?? string.Empty))
                {
                    Take(left, (kind, space, item.TextAt("metadata", "name")!), NotReady(plural, item));
                }

                if (!left.Keys.Any(k => k.Kind == kind && k.Namespace == space))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over: what is left is told.
        }
        catch (EtcdDrException e)
        {
            context.Sink.Error(e);
        }
    }

    private static void Take(
        ConcurrentDictionary<(string Kind, string Namespace, string Name), string> left,
        (string Kind, string Namespace, string Name) key,
        string? reason
    )
    {
        if (reason is null)
        {
            left.TryRemove(key, out _);
        }
        else
        {
            left[key] = reason;
        }
    }

    private static string? NotReady(string? plural, JsonObject item)
    {
        if (plural is not null)
        {
            var workload = Workload.From(plural, item);
            return workload.Paused || !workload.RollsByItself ? null : workload.NotReady;
        }

        var pod = PodState.From(item);
        return pod.IsReady || pod.IsDone ? null : $"{pod.Status}, {pod.ReadyContainers} of {pod.Containers} containers ready";
    }

    // Of the object itself, or of the pods that bear its name.
    private static async Task<IReadOnlyList<string>> EventsAsync(
        KubeApi api,
        string kind,
        string space,
        string name,
        CancellationToken cancellationToken
    )
    {
        var found = new List<(string When, string What)>();
        var list = api.ListAsync($"/api/v1/namespaces/{space}/events", fieldSelector: "type=Warning", cancellationToken: cancellationToken);
        await foreach (var item in list)
        {
            var about = item["involvedObject"];
            var isOfIt = about.TextAt("kind") == kind && about.TextAt("name") == name;
            if (isOfIt || about.TextAt("name")?.StartsWith($"{name}-", StringComparison.Ordinal) == true)
            {
                var when = item.TextAt("lastTimestamp") ?? item.TextAt("eventTime") ?? string.Empty;
                found.Add((when, $"{item.TextAt("reason")}: {item.TextAt("message")}"));
            }
        }

        return [.. found.OrderByDescending(e => e.When, StringComparer.Ordinal).Select(e => e.What).Distinct().Take(EventsPerObject)];
    }
}
