namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Takes the records of a tree in the order of their keys.</summary>
internal interface IRecordSink
{
    /// <summary>
    /// Takes one record; false to end the walk. The key and the value stand side by side in the page: the first
    /// <paramref name="keyLength"/> bytes of <paramref name="entry"/> are the key.
    /// </summary>
    bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags);
}
