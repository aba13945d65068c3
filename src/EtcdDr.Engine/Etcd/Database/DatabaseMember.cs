namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A member of the etcd cluster as the bucket <c>members</c> records it.</summary>
/// <param name="Id">Member id, 16 hexadecimal digits.</param>
/// <param name="Name">The member's name; empty for one that never started.</param>
/// <param name="PeerUrls">Its peer URLs.</param>
/// <param name="ClientUrls">Its client URLs.</param>
/// <param name="IsLearner">Whether it has no vote.</param>
public sealed record DatabaseMember(
    string Id,
    string Name,
    IReadOnlyList<string> PeerUrls,
    IReadOnlyList<string> ClientUrls,
    bool IsLearner
);
