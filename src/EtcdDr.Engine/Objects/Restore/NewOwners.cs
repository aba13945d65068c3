using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects.Owners;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>
/// The UIDs that owners have in the cluster which objects go into. A reference to an owner that is not there would have the object
/// collected as garbage, so it goes.
/// </summary>
internal sealed class NewOwners(TargetCluster target, OwnerGraph graph)
{
    private readonly ConcurrentDictionary<ObjectKey, string> _uids = new();
    private readonly ConcurrentDictionary<ObjectKey, bool> _refused = new();

    /// <summary>Remembers the UID of an object that is there now.</summary>
    public void Add(KubeObject item, JsonObject answer)
    {
        if (answer.TextAt("metadata", "uid") is { Length: > 0 } uid)
        {
            _uids[item.Key] = uid;
        }
    }

    /// <summary>Whether an object of the batch has been put in.</summary>
    public bool IsThere(KubeObject item) => _uids.ContainsKey(item.Key);

    /// <summary>Remembers that an object is not there.</summary>
    public void Refuse(KubeObject item) => _refused[item.Key] = true;

    /// <summary>An owner that was refused, without which an object must not come to be; null where there is none.</summary>
    public KubeObject? RefusedOwnerOf(KubeObject item) => graph.OwnersOf(item).FirstOrDefault(o => _refused.ContainsKey(o.Key));

    /// <summary>Puts the owners' UIDs into an object's references; it is changed.</summary>
    /// <param name="item">The object.</param>
    /// <param name="notes">Is told of references that go.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public async Task PutInAsync(KubeObject item, List<string> notes, CancellationToken cancellationToken)
    {
        if (item.Body["metadata"] is not JsonObject metadata)
        {
            return;
        }

        var without = new HashSet<JsonNode>();
        foreach (var reference in OwnerReference.Of(item).ToList())
        {
            if (await UidAsync(reference, item, cancellationToken) is { } uid)
            {
                reference.Node["uid"] = uid;
            }
            else
            {
                without.Add(reference.Node);
                notes.Add($"Its owner {reference.Owner.FullKind} {reference.Owner.Name} is not there, so that it belongs to nobody.");
            }
        }

        metadata.RemoveItems("ownerReferences", r => without.Contains(r!));
    }

    private async Task<string?> UidAsync(OwnerReference reference, KubeObject item, CancellationToken cancellationToken)
    {
        var owner = graph.Find(reference);
        if (owner is not null && _uids.TryGetValue(owner.Key, out var made))
        {
            return made;
        }

        var named = owner ?? new KubeObject(reference.Node, item.Source);
        if (target.Find(named.Group, named.Version, named.Kind) is not { } resource)
        {
            return null;
        }

        var live = await target.Api.FindAsync(
            resource.PathOf(resource.IsNamespaced ? item.Namespace : null, reference.Owner.Name),
            cancellationToken
        );
        return live.TextAt("metadata", "uid");
    }
}
