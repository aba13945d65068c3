using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// A record of the bucket <c>key</c>: its database key is the revision (8 bytes main, '_', 8 bytes sub, big-endian; then 't' if the record
/// is a deletion), its value an mvccpb.KeyValue (etcd server/storage/mvcc/revision.go, api/mvccpb/kv.proto).
/// </summary>
internal readonly ref struct MvccRecord
{
    private MvccRecord(long main, long sub, bool tombstone, ReadOnlySpan<byte> key)
    {
        Main = main;
        Sub = sub;
        Tombstone = tombstone;
        Key = key;
    }

    /// <summary>Revision of the transaction.</summary>
    internal long Main { get; private init; }

    /// <summary>Place within the transaction.</summary>
    internal long Sub { get; private init; }

    /// <summary>Whether it records a deletion.</summary>
    internal bool Tombstone { get; private init; }

    /// <summary>The key; empty in the record by which a restore raises the revision.</summary>
    internal ReadOnlySpan<byte> Key { get; private init; }

    /// <summary>The value.</summary>
    internal ReadOnlySpan<byte> Value { get; private init; }

    /// <summary>Revision at which the key was created.</summary>
    internal long CreateRevision { get; private init; }

    /// <summary>Revision of this version.</summary>
    internal long ModRevision { get; private init; }

    /// <summary>Number of this version, from 1.</summary>
    internal long Version { get; private init; }

    /// <summary>The lease that the key hangs on; 0 for none.</summary>
    internal long Lease { get; private init; }

    /// <summary>Parses the revision alone.</summary>
    internal static bool TryParseRevision(ReadOnlySpan<byte> key, out long main, out long sub, out bool tombstone)
    {
        main = sub = 0;
        tombstone = key.Length == 18;
        if (key.Length is not (17 or 18) || key[8] != '_' || (tombstone && key[17] != 't'))
        {
            return false;
        }

        main = BinaryPrimitives.ReadInt64BigEndian(key);
        sub = BinaryPrimitives.ReadInt64BigEndian(key[9..]);
        return main >= 0 && sub >= 0;
    }

    /// <summary>Parses a record.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> databaseKey, ReadOnlySpan<byte> databaseValue, out MvccRecord record)
    {
        record = default;
        if (!TryParseRevision(databaseKey, out var main, out var sub, out var tombstone))
        {
            return false;
        }

        ReadOnlySpan<byte> key = default,
            value = default;
        long create = 0,
            mod = 0,
            version = 0,
            lease = 0;
        var fields = new ProtoReader(databaseValue);
        while (fields.TryNext())
        {
            switch (fields.Field, fields.WireType)
            {
                case (1, 2):
                    key = fields.Bytes;
                    break;
                case (2, 0):
                    create = (long)fields.Number;
                    break;
                case (3, 0):
                    mod = (long)fields.Number;
                    break;
                case (4, 0):
                    version = (long)fields.Number;
                    break;
                case (5, 2):
                    value = fields.Bytes;
                    break;
                case (6, 0):
                    lease = (long)fields.Number;
                    break;
                case (>= 1 and <= 6, _):
                    return false;
                default:
                    break;
            }
        }

        record = new MvccRecord(main, sub, tombstone, key)
        {
            Value = value,
            CreateRevision = create,
            ModRevision = mod,
            Version = version,
            Lease = lease,
        };
        return !fields.Malformed;
    }
}
