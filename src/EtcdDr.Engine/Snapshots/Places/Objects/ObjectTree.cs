namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// Directories made of a listing of keys, as they were at its moment. A snapshot whose manifest is not there yet is shown under the name
/// that it would have in a directory while it is written, so that nobody takes it for one.
/// </summary>
internal sealed class ObjectTree
{
    private readonly Dictionary<string, SortedDictionary<string, SnapshotStoreEntry>> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unfinished = new(StringComparer.Ordinal);

    /// <summary>Makes it of objects, their keys relative to the place.</summary>
    public ObjectTree(IReadOnlyList<StoredObject> objects)
    {
        _directories[string.Empty] = new(StringComparer.Ordinal);
        var published = objects.Select(o => o.Key).Where(SnapshotMarks.IsMark).Select(StorePath.Parent).ToHashSet(StringComparer.Ordinal);
        foreach (var stored in objects)
        {
            Add(stored, published);
        }
    }

    /// <summary>What stands at a path; null for nothing.</summary>
    public SnapshotStoreEntry? Stat(string path) =>
        path.Length == 0
            ? Directory(string.Empty, DateTime.UnixEpoch)
            : _directories.GetValueOrDefault(StorePath.Parent(path))?.GetValueOrDefault(path[(path.LastIndexOf('/') + 1)..]);

    /// <summary>What a directory holds, ordered by name.</summary>
    public IReadOnlyList<SnapshotStoreEntry> List(string path) => _directories.TryGetValue(path, out var names) ? [.. names.Values] : [];

    /// <summary>The key of a path, relative to the place.</summary>
    public string KeyOf(string path)
    {
        var first = path.Split('/')[0];
        return _unfinished.TryGetValue(first, out var name) ? name + path[first.Length..] : path;
    }

    private static SnapshotStoreEntry Directory(string path, DateTime modified) => new(path, IsDirectory: true, 0, Mode: null, modified);

    private void Add(StoredObject stored, HashSet<string> published)
    {
        var parts = stored.Key.Split('/');

        // What other tools put there to show a directory ends with a slash; a name of nothing is none.
        if (parts.Any(p => p.Length == 0))
        {
            return;
        }

        if (parts.Length > 1 && parts[0].StartsWith(SnapshotNames.Prefix, StringComparison.Ordinal) && !published.Contains(parts[0]))
        {
            var shown = SnapshotNames.PartialOf(parts[0]);
            _unfinished[shown] = parts[0];
            parts[0] = shown;
        }

        var directory = string.Empty;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            var below = StorePath.Combine(directory, parts[i]);

            // Where a key is both an object and the beginning of others, it is a directory: an object cannot hide a snapshot.
            _directories[directory][parts[i]] = Directory(below, stored.Modified);
            _directories.TryAdd(below, new(StringComparer.Ordinal));
            directory = below;
        }

        var path = StorePath.Combine(directory, parts[^1]);
        if (!_directories.ContainsKey(path))
        {
            _directories[directory][parts[^1]] = new SnapshotStoreEntry(path, IsDirectory: false, stored.Size, Mode: null, stored.Modified);
        }
    }
}
