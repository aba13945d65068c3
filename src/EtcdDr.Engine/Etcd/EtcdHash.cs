namespace EtcdDr.Engine.Etcd;

/// <summary>The hash of a keyspace.</summary>
/// <param name="Hash">CRC-32C as etcd's HashKV computes it.</param>
/// <param name="CompactRevision">
/// Revision up to which the member had compacted. The hash covers what lies above it, so hashes compare only where this is equal; -1 where
/// nothing was compacted yet.
/// </param>
/// <param name="CurrentRevision">The member's current revision when it answered.</param>
public sealed record EtcdHash(uint Hash, long CompactRevision, long CurrentRevision);
