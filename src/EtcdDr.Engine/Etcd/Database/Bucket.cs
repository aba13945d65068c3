namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A bucket: its name, and its tree's root page or, where it is small, its only page.</summary>
internal sealed record Bucket(string Name, byte[] NameBytes, ulong Root, byte[]? InlinePage);
