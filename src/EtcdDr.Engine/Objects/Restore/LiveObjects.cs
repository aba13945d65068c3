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
    private readonly ConcurrentDictionary<ObjectKey, EtcdDrException> _failures = new();

    /// <summary>Reads those of some names; what is not there is not there.</summary>
    public async Task ReadAsync(IReadOnlyList<(KubeResource Resource, KubeObject Item)> wanted, CancellationToken cancellationToken)
    {
        var groups = wanted.GroupBy(w => (w.Resource.FullName, w.Resource.Version, w.Item.Namespace)).ToList();
        var lists = groups.Where(g => g.Count() >= WorthAList).ToList();
        var single = groups.Where(g => g.Count() < WorthAList).SelectMany(g => g).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(lists, options, async (group, ct) => await TryListAsync([.. group], ct));
        await Parallel.ForEachAsync(single, options, async (one, ct) => await TryReadAsync(one.Resource, one.Item, ct));
    }

    /// <summary>Why it is not known whether an object is there; null where it is known.</summary>
    public EtcdDrException? FailureOf(KubeObject item) => _failures.GetValueOrDefault(item.Key);

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
    public void Clear()
    {
        _found.Clear();
        _failures.Clear();
    }

    // Who may not list may still read.
    private async Task TryListAsync(IReadOnlyList<(KubeResource Resource, KubeObject Item)> wanted, CancellationToken cancellationToken)
    {
        try
        {
            await ListAsync(wanted, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound" or "KubeApiError")
        {
            foreach (var (resource, item) in wanted)
            {
                await TryReadAsync(resource, item, cancellationToken);
            }
        }
    }

    private async Task TryReadAsync(KubeResource resource, KubeObject item, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(resource, item, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            _failures[item.Key] = e;
        }
    }

    private async Task ListAsync(IReadOnlyList<(KubeResource Resource, KubeObject Item)> wanted, CancellationToken cancellationToken)
    {
        var (resource, first) = wanted[0];
        var keys = wanted.DistinctBy(w => w.Item.Name).ToDictionary(w => w.Item.Name, w => w.Item.Key, StringComparer.Ordinal);
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
