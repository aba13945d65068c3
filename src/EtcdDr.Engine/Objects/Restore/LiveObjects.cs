using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Objects as they are in a cluster, read before others are put over them.</summary>
internal sealed class LiveObjects(KubeApi api, int throttleLimit)
{
    // From this many on, a list costs less than one request each.
    private const int WorthAList = 4;

    private readonly ConcurrentDictionary<ObjectKey, JsonObject> _found = new();

    /// <summary>Reads those of some names; what is not there is not there.</summary>
    public async Task ReadAsync(IReadOnlyList<(KubeResource Resource, KubeObject Item)> wanted, CancellationToken cancellationToken)
    {
        var groups = wanted.GroupBy(w => (w.Resource.FullName, w.Resource.Version, w.Item.Namespace)).ToList();
        var lists = groups.Where(g => g.Count() >= WorthAList).ToList();
        var single = groups.Where(g => g.Count() < WorthAList).SelectMany(g => g).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(lists, options, async (group, ct) => await ListAsync([.. group], ct));
        await Parallel.ForEachAsync(single, options, async (one, ct) => await ReadAsync(one.Resource, one.Item, ct));
    }

    /// <summary>An object as it was when it was read last; null where it was not there.</summary>
    public JsonObject? Of(KubeObject item) => _found.GetValueOrDefault(item.Key);

    /// <summary>Reads an object anew.</summary>
    public async Task<JsonObject?> ReadAsync(KubeResource resource, KubeObject item, CancellationToken cancellationToken)
    {
        var live = await api.FindAsync(resource.PathOf(item.Namespace, item.Name), cancellationToken);
        if (live is null)
        {
            _found.TryRemove(item.Key, out _);
        }
        else
        {
            _found[item.Key] = live;
        }

        return live;
    }

    /// <summary>Forgets objects that are done with.</summary>
    public void Clear() => _found.Clear();

    private async Task ListAsync(IReadOnlyList<(KubeResource Resource, KubeObject Item)> wanted, CancellationToken cancellationToken)
    {
        var (resource, first) = wanted[0];
        var keys = wanted.ToDictionary(w => w.Item.Name, w => w.Item.Key, StringComparer.Ordinal);
        await foreach (var live in api.ListAsync(resource.PathIn(first.Namespace), cancellationToken: cancellationToken))
        {
            if (keys.TryGetValue(live.TextAt("metadata", "name") ?? string.Empty, out var key))
            {
                // Objects of a list do not say what they are.
                (live["apiVersion"], live["kind"]) = (resource.ApiVersion, resource.Kind);
                _found[key] = live;
            }
        }
    }
}
