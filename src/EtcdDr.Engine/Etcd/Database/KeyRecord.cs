namespace EtcdDr.Engine.Etcd.Database;

/// <summary>What the scan keeps of a record until the records before it were taken: 24 bytes.</summary>
internal readonly record struct KeyRecord(ulong HashHigh, uint HashLow, bool Tombstone, bool Nameless, long Main)
{
    internal KeyHash Hash => new(HashHigh, HashLow);
}
