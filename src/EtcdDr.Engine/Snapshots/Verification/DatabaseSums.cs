namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Sums of a database file.</summary>
/// <param name="Sha256">SHA-256 of the whole file, lower-case hexadecimal.</param>
/// <param name="TrailerAgrees">Whether the SHA-256 that etcd appended is that of what stands before it; null where there is none.</param>
internal sealed record DatabaseSums(string Sha256, bool? TrailerAgrees);
