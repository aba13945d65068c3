using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Transfer;

/// <summary>Where a snapshot is copied to: the directory that will hold the snapshot's own, and how its host is reached.</summary>
/// <param name="Location">The directory.</param>
/// <param name="Ssh">How its host is reached; null for this machine or for defaults.</param>
public sealed record CopyDestination(SnapshotLocation Location, SshSettings? Ssh);
