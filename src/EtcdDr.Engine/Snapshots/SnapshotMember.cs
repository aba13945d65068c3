using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What is known of a node's member when the source of a snapshot is chosen.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Status">What the member said; null if it did not answer.</param>
/// <param name="Failure">Why it did not answer; null if it did.</param>
/// <param name="Members">The member list as it knows it.</param>
internal sealed record SnapshotMember(string Node, EtcdServerStatus? Status, EtcdDrException? Failure, IReadOnlyList<EtcdMember> Members)
{
    /// <summary>The same of an opened node.</summary>
    public static SnapshotMember Of(EtcdNode node) => new(node.Node.Name, node.Status, node.Failure, node.Members);
}
