namespace EtcdDr.Engine.Objects.Owners;

/// <summary>Who owns whom among objects that go into a cluster together. Immutable.</summary>
internal sealed class OwnerGraph
{
    private readonly Dictionary<ObjectKey, KubeObject> _byKey = [];
    private readonly Dictionary<string, KubeObject> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, int> _depths = [];

    /// <summary>Makes the graph of some objects.</summary>
    public OwnerGraph(IEnumerable<KubeObject> items)
    {
        foreach (var item in items)
        {
            _byKey[item.Key] = item;
            if (item.Uid is { Length: > 0 } uid)
            {
                _byUid[uid] = item;
            }
        }
    }

    /// <summary>The owners of an object that are among the objects themselves.</summary>
    public IEnumerable<KubeObject> OwnersOf(KubeObject item) =>
        OwnerReference.Of(item).Select(Find).OfType<KubeObject>().Where(o => o.Key != item.Key);

    /// <summary>The object that a reference means; null where it is none of these.</summary>
    public KubeObject? Find(OwnerReference reference)
    {
        if (reference.Uid is { Length: > 0 } uid && _byUid.TryGetValue(uid, out var same))
        {
            return same;
        }

        // Manifests that were cleaned have no UIDs; then kind and name say who is meant.
        return _byKey.GetValueOrDefault(reference.Owner) ?? _byKey.GetValueOrDefault(reference.Owner with { Namespace = null });
    }

    /// <summary>How many owners stand above an object in the longest line: 0 where none does. A circle is cut.</summary>
    public int DepthOf(KubeObject item) => DepthOf(item, []);

    private int DepthOf(KubeObject item, HashSet<ObjectKey> above)
    {
        if (_depths.TryGetValue(item.Key, out var known))
        {
            return known;
        }

        if (!above.Add(item.Key))
        {
            return 0;
        }

        var depth = OwnersOf(item).Select(o => DepthOf(o, above) + 1).DefaultIfEmpty(0).Max();
        above.Remove(item.Key);
        return _depths[item.Key] = depth;
    }
}
