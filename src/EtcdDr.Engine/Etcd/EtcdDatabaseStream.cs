namespace EtcdDr.Engine.Etcd;

/// <summary>What came through a snapshot stream, already proven whole by etcd's own trailing SHA-256.</summary>
/// <param name="Length">Bytes written: the database and etcd's 32 bytes of SHA-256 behind it.</param>
/// <param name="Sha256">SHA-256 of all bytes written, 64 lower-case hexadecimal digits.</param>
public sealed record EtcdDatabaseStream(long Length, string Sha256);
