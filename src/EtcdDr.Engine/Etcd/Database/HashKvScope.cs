namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Which records HashKV counts.</summary>
/// <param name="Revision">The revision that it is asked at.</param>
/// <param name="CompactRevision">The compacted revision; -1 for none.</param>
/// <param name="Live">The latest records of keys that exist at <paramref name="Revision"/>.</param>
/// <param name="AnyLive">Whether there is such a record.</param>
internal sealed record HashKvScope(long Revision, long CompactRevision, LiveIndex Live, bool AnyLive)
{
    internal bool Counts(long main, bool tombstone, long number)
    {
        if (main > CompactRevision)
        {
            return main <= Revision;
        }

        return (!AnyLive || Live.IsLive(number)) && !(tombstone && main == CompactRevision);
    }

    /// <summary>Whether all records of a part count, so that the sum of the first reading holds.</summary>
    internal bool CountsAll(KeyPart part)
    {
        if (part.LastMain > Revision)
        {
            return false;
        }

        if (part.FirstMain > CompactRevision)
        {
            return true;
        }

        // Whether a deletion stands at the compacted revision is not kept for each part; look again.
        if (part.LastMain > CompactRevision || (part.LastMain == CompactRevision && part.Tombstones > 0))
        {
            return false;
        }

        for (var i = 0; AnyLive && i < part.Count; i++)
        {
            if (!Live.IsLive(part.FirstNumber + i))
            {
                return false;
            }
        }

        return true;
    }
}
