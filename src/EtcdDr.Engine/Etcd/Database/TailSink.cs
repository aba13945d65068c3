using System.Text;
using EtcdDr.Engine.Snapshots.Keys;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Keeps the last revision of a page of records, and the newest time that one of its objects tells.</summary>
internal struct TailSink(BoltFile file) : IRecordSink
{
    internal long Revision { get; private set; }

    internal DateTime? Newest { get; private set; }

    internal string? NewestKey { get; private set; }

    public bool Record(ReadOnlySpan<byte> entry, int keyLength, uint flags)
    {
        if (!MvccRecord.TryParse(entry[..keyLength], entry[keyLength..], out var record))
        {
            throw file.Damaged(Errors.DatabaseDamaged_BucketEntry_Part.With("key"));
        }

        Revision = Math.Max(Revision, record.Main);
        var told = record.Tombstone ? null : KubernetesValue.Read(record.Value, details: true).LastChange;
        if (told > Newest || (Newest is null && told is not null))
        {
            Newest = told;
            NewestKey = Encoding.UTF8.GetString(record.Key);
        }

        return true;
    }
}
