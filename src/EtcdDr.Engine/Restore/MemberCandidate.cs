using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Restore;

/// <summary>A control-plane node whose member's database may be restored onto all.</summary>
/// <param name="Node">The node.</param>
/// <param name="Database">The database file of its member.</param>
/// <param name="Journals">Journals of restores on it.</param>
internal sealed record MemberCandidate(ClusterNode Node, MemberDatabase Database, IReadOnlyList<Journals.NodeJournal> Journals)
{
    /// <summary>Its revision; 0 where its end cannot be read.</summary>
    public long Revision => Database.Tail?.Revision ?? 0;
}
