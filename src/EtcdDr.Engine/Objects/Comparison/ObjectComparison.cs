using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Engine.Objects.Comparison;

/// <summary>Compares objects of two sources by the same rules by which they would go into a cluster: what clusters set does not
/// count.</summary>
/// <param name="mapping">What is called otherwise at the second source.</param>
public sealed class ObjectComparison(ObjectMapping mapping)
{
    private static readonly CleaningOptions Usual = new();

    /// <summary>The differences, by kind, namespace and name.</summary>
    /// <param name="reference">Objects of the one source.</param>
    /// <param name="other">Objects of the other.</param>
    /// <param name="includeEqual">Whether what is equal is told too.</param>
    public IEnumerable<ClusterObjectDifference> Compare(IEnumerable<KubeObject> reference, IEnumerable<KubeObject> other, bool includeEqual)
    {
        var ours = Clean(reference.Select(i => (ObjectMapper.Map(i, mapping), i)));
        var theirs = Clean(other.Select(i => (i, i)));
        return ours
            .Keys.Union(theirs.Keys)
            .OrderBy(k => k.FullKind, StringComparer.Ordinal)
            .ThenBy(k => k.Namespace, StringComparer.Ordinal)
            .ThenBy(k => k.Name, StringComparer.Ordinal)
            .Select(k => Compare(k, ours.GetValueOrDefault(k), theirs.GetValueOrDefault(k)))
            .Where(d => includeEqual || d.Change != ClusterObjectChange.Equal);
    }

    private static ClusterObjectDifference Compare(ObjectKey key, Compared? ours, Compared? theirs)
    {
        var paths = ours is not null && theirs is not null ? ObjectDifference.Paths(ours.Clean.Body, theirs.Clean.Body) : [];
        return new ClusterObjectDifference
        {
            Change =
                theirs is null ? ClusterObjectChange.Missing
                : ours is null ? ClusterObjectChange.Added
                : paths.Count > 0 ? ClusterObjectChange.Changed
                : ClusterObjectChange.Equal,
            ApiVersion = (ours ?? theirs)!.Clean.ApiVersion,
            Kind = key.Kind,
            Namespace = key.Namespace,
            Name = key.Name,
            Paths = paths,
            Reference = ours?.Source,
            ComparedWith = theirs?.Source,
        };
    }

    private static Dictionary<ObjectKey, Compared> Clean(IEnumerable<(KubeObject Item, KubeObject Original)> items)
    {
        var found = new Dictionary<ObjectKey, Compared>();
        foreach (var (item, original) in items.Where(i => LeftOut.Reason(i.Original, Usual) is null))
        {
            var clean = ObjectCleaner.Clean(item, Usual).Item;
            foreach (var owner in clean.Body.ObjectsAt("metadata", "ownerReferences"))
            {
                // Another one at each cluster.
                owner.Remove("uid");
            }

            found[item.Key] = new Compared(clean, original.Source);
        }

        return found;
    }

    private sealed record Compared(KubeObject Clean, string Source);
}
