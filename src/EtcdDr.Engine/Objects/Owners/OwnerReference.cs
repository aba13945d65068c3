using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Owners;

/// <summary>A reference of an object to one that owns it.</summary>
/// <param name="Node">The reference itself, in the object.</param>
/// <param name="Owner">What the owner is called.</param>
/// <param name="Uid">The UID that it names.</param>
internal sealed record OwnerReference(JsonObject Node, ObjectKey Owner, string? Uid)
{
    /// <summary>The references of an object. An owner is in the namespace of what it owns, or in none: which of them, only the cluster
    /// knows, so a key with the namespace is given.</summary>
    public static IEnumerable<OwnerReference> Of(KubeObject item) =>
        item
            .Body.ObjectsAt("metadata", "ownerReferences")
            .Select(r =>
            {
                var owner = new KubeObject(r, item.Source);
                return new OwnerReference(
                    r,
                    new ObjectKey(owner.Group, owner.Kind, item.Namespace, r.TextAt("name") ?? string.Empty),
                    r.TextAt("uid")
                );
            });
}
