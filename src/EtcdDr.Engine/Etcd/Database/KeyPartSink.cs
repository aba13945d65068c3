namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Reads the records of a part: parses each, sums it, and notes what the index needs.</summary>
internal struct KeyPartSink(BoltFile file, KeyPart part) : IRecordSink
{
    private uint _crc;
    private long _length;

    public bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        if (flags != 0 || !MvccRecord.TryParse(entry[..keyLength], entry[keyLength..], out var record))
        {
            throw file.Damaged(Errors.DatabaseDamaged_RecordForeign_Part.With(Convert.ToHexString(entry[..Math.Min(keyLength, 18)])));
        }

        if (part.Records.Count == 0)
        {
            part.FirstMain = record.Main;
        }

        var hash = KeyHash.Of(record.Key);
        part.Records.Add(new KeyRecord(hash.High, hash.Low, record.Tombstone, record.Key.IsEmpty, record.Main));
        part.LastMain = record.Main;
        part.Tombstones += record.Tombstone ? 1 : 0;
        part.Encrypted += record.Value.StartsWith("k8s:enc:"u8) ? 1 : 0;
        _crc = Crc32C.Append(_crc, entry);
        _length += entry.Length;
        part.Crc = _crc;
        part.Length = _length;
        return true;
    }
}
