namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Feeds a bucket's entries to a <see cref="ServerState"/> and sums them.</summary>
internal struct ServerStateSink(BoltFile file, string bucket, ServerState state, uint crc) : IRecordSink
{
    internal uint Crc { get; private set; } = crc;

    public bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        if (flags != 0 || !state.Take(bucket, entry[..keyLength], entry[keyLength..]))
        {
            throw file.Damaged(Errors.DatabaseDamaged_BucketEntry_Part.With(bucket));
        }

        Crc = Crc32C.Append(Crc, entry);
        return true;
    }
}
