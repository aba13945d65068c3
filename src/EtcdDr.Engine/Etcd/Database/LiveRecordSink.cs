namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Hands on the records that are the latest version of a key that exists.</summary>
/// <param name="file">The file.</param>
/// <param name="live">Which records these are.</param>
/// <param name="first">Number of the first record that comes.</param>
/// <param name="handler">What takes them.</param>
internal struct LiveRecordSink(BoltFile file, LiveIndex live, long first, MvccRecordHandler handler) : IRecordSink
{
    private long _number = first;

    public bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        if (!live.IsLive(_number++))
        {
            return true;
        }

        if (!MvccRecord.TryParse(entry[..keyLength], entry[keyLength..], out var record))
        {
            throw file.Damaged(Errors.DatabaseDamaged_RecordChanged_Part);
        }

        return record.Key.IsEmpty || handler(record);
    }
}
