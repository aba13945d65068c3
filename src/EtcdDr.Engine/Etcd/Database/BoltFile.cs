namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A bbolt file whose meta pages were read: what its pages are and where they stand.</summary>
internal sealed class BoltFile
{
    /// <summary>etcd appends the SHA-256 of a snapshot to it; pages are multiples of 512, so the rest tells.</summary>
    internal const int TrailerBytes = 32;

    private BoltFile(PageSource source, MetaPage meta, int validMetaPages, long dataLength)
    {
        Source = source;
        Meta = meta;
        ValidMetaPages = validMetaPages;
        DataLength = dataLength;
    }

    /// <summary>The bytes.</summary>
    internal PageSource Source { get; }

    /// <summary>The meta page that counts.</summary>
    internal MetaPage Meta { get; }

    /// <summary>How many of the two meta pages are valid: 2, or 1 where a write was cut short.</summary>
    internal int ValidMetaPages { get; }

    /// <summary>Length without the trailer.</summary>
    internal long DataLength { get; }

    /// <summary>Whether etcd's SHA-256 follows the data.</summary>
    internal bool HasTrailer => DataLength < Source.Length;

    /// <summary>Reads the meta pages.</summary>
    internal static BoltFile Open(PageSource source)
    {
        var dataLength = source.Length % 512 == TrailerBytes ? source.Length - TrailerBytes : source.Length;
        var reader = source.CreateReader();
        var (metas, reason) = ReadMetas(reader, dataLength);
        if (metas.Count == 0)
        {
            throw DatabaseErrors.NotADatabase(source.Name, reason);
        }

        var meta = metas.MaxBy(m => m.Transaction);
        if (meta.PageCount < 3 || meta.PageCount > (ulong)(dataLength / meta.PageSize))
        {
            throw DatabaseErrors.Truncated(
                source.Name,
                Errors.DatabaseTruncated_Pages_Part.With(meta.PageCount, meta.PageSize, dataLength)
            );
        }

        return new BoltFile(source, meta, metas.Count, dataLength);
    }

    /// <summary>Where a page begins; an error if there is no such page.</summary>
    internal long OffsetOf(ulong page)
    {
        if (page < 2 || page >= Meta.PageCount)
        {
            throw Damaged(Errors.DatabaseDamaged_PageNotThere_Part.With(page, Meta.PageCount - 1));
        }

        return (long)page * Meta.PageSize;
    }

    /// <summary>The error for content that breaks a rule.</summary>
    internal EtcdDrException Damaged(string what) => DatabaseErrors.Damaged(Source.Name, what);

    // The page size stands in the meta pages only. If the first is broken, the second is looked for at each possible size.
    private static (List<MetaPage> Metas, string Reason) ReadMetas(PageReader reader, long dataLength)
    {
        var metas = new List<MetaPage>(2);
        var reason = Errors.DatabaseFormatUnknown_TooShort_Part.With(dataLength);
        if (dataLength < MetaPage.Length)
        {
            return (metas, reason);
        }

        if (MetaPage.TryParse(reader.Read(0, MetaPage.Length, MetaPage.Length), out var first, out reason))
        {
            metas.Add(first);
            AddSecond(reader, dataLength, first.PageSize, metas);
            return (metas, reason);
        }

        for (var pageSize = 1024; pageSize <= 65536 && metas.Count == 0; pageSize *= 2)
        {
            AddSecond(reader, dataLength, pageSize, metas);
        }

        return (metas, reason);
    }

    private static void AddSecond(PageReader reader, long dataLength, int pageSize, List<MetaPage> metas)
    {
        if (
            dataLength >= pageSize + MetaPage.Length
            && MetaPage.TryParse(reader.Read(pageSize, MetaPage.Length, MetaPage.Length), out var second, out _)
            && second.PageSize == pageSize
        )
        {
            metas.Add(second);
        }
    }
}
