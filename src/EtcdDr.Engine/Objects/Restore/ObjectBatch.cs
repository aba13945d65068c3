using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>Objects as they go into a cluster: cleaned, under their names there, each once.</summary>
/// <param name="Items">The objects. Their UIDs are still the former ones, by which owners are found; they are never sent.</param>
/// <param name="Notes">What is to be known of an object, by what it is called there.</param>
/// <param name="LeftOut">Objects that are not put into a cluster, and why.</param>
internal sealed record ObjectBatch(
    IReadOnlyList<KubeObject> Items,
    IReadOnlyDictionary<ObjectKey, IReadOnlyList<string>> Notes,
    IReadOnlyList<(KubeObject Item, string Reason)> LeftOut
)
{
    /// <summary>Makes a batch of what came in.</summary>
    public static ObjectBatch Of(IEnumerable<KubeObject> came, ObjectRestoreOptions options)
    {
        var items = new Dictionary<ObjectKey, KubeObject>();
        var notes = new Dictionary<ObjectKey, IReadOnlyList<string>>();
        var leftOut = new List<(KubeObject, string)>();
        foreach (var item in came)
        {
            if (Cleaning.LeftOut.Reason(item, options.Cleaning) is { } reason)
            {
                leftOut.Add((item, reason));
                continue;
            }

            var clean = ObjectCleaner.Clean(item, options.Cleaning);
            var mapped = ObjectMapper.Map(clean.Item, options.Mapping);
            if (item.Uid is { } uid)
            {
                mapped.Body["metadata"]!["uid"] = uid;
            }

            if (items.Remove(mapped.Key, out var former))
            {
                leftOut.Add((former, "It came twice; what came last counts."));
            }

            items.Add(mapped.Key, mapped);
            notes[mapped.Key] = clean.Notes;
        }

        return new ObjectBatch([.. items.Values], notes, leftOut);
    }

    /// <summary>Whether the batch brings along what makes a cluster serve a kind: its definition, or the server that answers for its
    /// group.</summary>
    public bool Defines(KubeObject item) => Items.Any(i => IsServerOf(i, item) || IsDefinitionOf(i, item));

    /// <summary>Whether the batch brings a namespace along.</summary>
    public bool HasNamespace(string? space) => space is not null && Items.Any(i => i.Is("Namespace") && i.Name == space);

    private static bool IsDefinitionOf(KubeObject definition, KubeObject item) =>
        definition.Is("CustomResourceDefinition.apiextensions.k8s.io")
        && definition.Body.TextAt("spec", "group") == item.Group
        && definition.Body.TextAt("spec", "names", "kind") == item.Kind
        && definition.Body.ObjectsAt("spec", "versions").Any(v => v.TextAt("name") == item.Version);

    private static bool IsServerOf(KubeObject service, KubeObject item) =>
        service.Is("APIService.apiregistration.k8s.io")
        && service.Body.TextAt("spec", "group") == item.Group
        && service.Body.TextAt("spec", "version") == item.Version;
}
