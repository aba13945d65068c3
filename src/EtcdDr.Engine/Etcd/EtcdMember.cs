namespace EtcdDr.Engine.Etcd;

/// <summary>A member as etcd's member list has it.</summary>
/// <param name="Id">Member id.</param>
/// <param name="Name">Its name; empty for a member that was added and has not started.</param>
/// <param name="PeerUrls">URLs that other members reach it at.</param>
/// <param name="ClientUrls">URLs that it advertises to clients.</param>
/// <param name="IsLearner">Whether it has no vote.</param>
public sealed record EtcdMember(ulong Id, string Name, IReadOnlyList<string> PeerUrls, IReadOnlyList<string> ClientUrls, bool IsLearner);
