namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Sums the records that the server's HashKV counts (etcd server/storage/mvcc/hash.go): up to the revision; of those up to the compacted
/// revision only the latest of a key that exists at the revision, unless no key exists then; no deletion at the compacted revision itself.
/// </summary>
internal struct HashKvSink(BoltFile file, HashKvScope scope, long firstNumber) : IRecordSink
{
    private long _number = firstNumber;

    internal uint Crc { get; private set; }

    internal long Length { get; private set; }

    public bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        if (!MvccRecord.TryParseRevision(entry[..keyLength], out var main, out _, out var tombstone))
        {
            throw file.Damaged(Errors.DatabaseDamaged_RecordChanged_Part);
        }

        if (main > scope.Revision)
        {
            return false;
        }

        if (scope.Counts(main, tombstone, _number++))
        {
            Crc = Crc32C.Append(Crc, entry);
            Length += entry.Length;
        }

        return true;
    }
}
