using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using EtcdDr.Lab.ApiServer;

namespace EtcdDr.Tests.Played;

/// <summary>Objects of the played apiserver in memory, with revisions as etcd has them. Pages show what is there now, whatever revision
/// they are asked for.</summary>
internal sealed class MemoryStore : IObjectStore, IDisposable
{
    private readonly SortedDictionary<string, (JsonObject Value, long Revision)> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Key, Stored? Before, Stored? After, long Revision)> _changes = [];
    private readonly SemaphoreSlim _changed = new(0);
    private long _revision = 1;

    public void Dispose() => _changed.Dispose();

    public Task<long> RevisionAsync(CancellationToken cancellationToken) => Task.FromResult(Interlocked.Read(ref _revision));

    public Task<Stored?> GetAsync(Resource resource, string key, CancellationToken cancellationToken)
    {
        lock (_objects)
        {
            return Task.FromResult(_objects.TryGetValue(key, out var found) ? Read(key, found.Value, found.Revision) : null);
        }
    }

    public Task<StoredPage> PageAsync(
        Resource resource,
        string prefix,
        string start,
        long limit,
        long revision,
        CancellationToken cancellationToken
    )
    {
        lock (_objects)
        {
            var all = _objects
                .Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(o.Key, start) >= 0)
                .Select(o => Read(o.Key, o.Value.Value, o.Value.Revision))
                .ToList();
            var items = limit == 0 ? all : all.Take((int)limit).ToList();
            return Task.FromResult(
                new StoredPage(
                    items,
                    revision > 0 ? revision : _revision,
                    items.Count < all.Count,
                    all.Count - items.Count,
                    items.LastOrDefault()?.Key
                )
            );
        }
    }

    public async IAsyncEnumerable<StoredPage> PagesAsync(
        Resource resource,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await PageAsync(resource, prefix, prefix, 0, 0, cancellationToken);
    }

    public Task<long?> PutAsync(
        Resource resource,
        string key,
        JsonObject value,
        long expected,
        CancellationToken cancellationToken,
        long lease = 0
    )
    {
        lock (_objects)
        {
            var before = _objects.TryGetValue(key, out var known) ? Read(key, known.Value, known.Revision) : null;
            if ((before?.Revision ?? 0) != expected)
                return Task.FromResult<long?>(null);
            var stored = (JsonObject)value.DeepClone();
            _objects[key] = (stored, ++_revision);
            Tell(key, before, Read(key, stored, _revision));
            return Task.FromResult<long?>(_revision);
        }
    }

    public Task<bool> DeleteAsync(string key, long expected, CancellationToken cancellationToken)
    {
        lock (_objects)
        {
            if (!_objects.TryGetValue(key, out var known) || known.Revision != expected)
                return Task.FromResult(false);
            _objects.Remove(key);
            _revision++;
            Tell(key, Read(key, known.Value, known.Revision), null);
            return Task.FromResult(true);
        }
    }

    public async IAsyncEnumerable<StoredChange> WatchAsync(
        Resource resource,
        string prefix,
        long revision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            List<StoredChange> next;
            lock (_objects)
            {
                next =
                [
                    .. _changes
                        .Where(c => c.Revision > revision && c.Key.StartsWith(prefix, StringComparison.Ordinal))
                        .Select(c => new StoredChange(c.Before, c.After, c.Revision)),
                ];
            }

            foreach (var change in next)
            {
                revision = change.Revision;
                yield return change;
            }

            if (next.Count == 0)
                await _changed.WaitAsync(cancellationToken);
        }
    }

    private void Tell(string key, Stored? before, Stored? after)
    {
        _changes.Add((key, before, after, _revision));
        _changed.Release();
    }

    private static Stored Read(string key, JsonObject value, long revision)
    {
        var item = (JsonObject)value.DeepClone();
        item["metadata"]!["resourceVersion"] = $"{revision}";
        return new Stored(key, item, revision);
    }
}
