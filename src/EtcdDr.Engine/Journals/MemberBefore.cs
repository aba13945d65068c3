namespace EtcdDr.Engine.Journals;

/// <summary>What served on a node before a restore began; recorded then, and compared when the previous state is put back.</summary>
/// <param name="MemberWasHealthy">Whether its member served linearizable reads, which needs a quorum.</param>
/// <param name="ApiServerWasReady">Whether its apiserver answered /readyz.</param>
/// <param name="ClusterId">etcd's cluster id, 16 hexadecimal digits; null where the member did not answer.</param>
/// <param name="Revision">The newest revision that the member served, or that its database file holds; null where neither could be
/// read.</param>
public sealed record MemberBefore(bool MemberWasHealthy, bool ApiServerWasReady, string? ClusterId, long? Revision);
