namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Collects the buckets of a database: the leaves of the root tree.</summary>
internal struct BucketSink(BoltFile file, List<Bucket> buckets) : IRecordSink
{
    // etcd has a dozen; this bounds memory on hostile files.
    private const int MaximumBuckets = 64;
    private const int BucketHeaderBytes = 16;

    public readonly bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        var value = entry[keyLength..];
        if (flags != 1 || value.Length < BucketHeaderBytes || entry.Length > file.Meta.PageSize || buckets.Count == MaximumBuckets)
        {
            throw file.Damaged(Errors.DatabaseDamaged_Root_Part);
        }

        var root = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(value);
        var name = System.Text.Encoding.UTF8.GetString(entry[..keyLength]);
        buckets.Add(new Bucket(name, entry[..keyLength].ToArray(), root, root == 0 ? value[BucketHeaderBytes..].ToArray() : null));
        return true;
    }
}
