using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Finds the last records of a database that lies on another host: one page a level of the tree is asked for, so that a database of
/// gigabytes costs some kilobytes. The walk trusts nothing, as <see cref="TreeWalker"/> has it; pages beside its way are not looked at.
/// </summary>
/// <param name="file">The name for messages.</param>
/// <param name="length">Length of the file, bytes.</param>
/// <param name="read">Reads a range of it; both numbers are multiples of 1024 where the file's length allows.</param>
internal sealed class DatabaseTailReader(string file, long length, Func<long, int, CancellationToken, Task<byte[]>> read)
{
    /// <summary>Holds both meta pages at any page size.</summary>
    internal const int Head = 128 * 1024;

    // How many pages of records are looked at for an object that tells a time.
    private const int MaximumLeaves = 8;

    private const int MaximumDepth = 48;
    private const int MaximumPageBytes = 64 * 1024 * 1024;
    private const ushort BranchFlag = 1;

    /// <summary>Reads it.</summary>
    /// <exception cref="EtcdDrException"><c>DatabaseDamaged</c> and the like: the file is damaged, or it was written to between two
    /// readings.</exception>
    internal async Task<DatabaseTail> ReadAsync(CancellationToken cancellationToken)
    {
        using var source = new FetchedSource(file, length, read);
        await source.FetchAsync(0, (int)Math.Min(Head, length), cancellationToken);
        var bolt = BoltFile.Open(source);
        var walker = new TreeWalker(bolt, null, cancellationToken);
        var (root, _) = await LeafAsync(source, bolt, bolt.Meta.Root, b => LastUpTo(b, "key"u8), cancellationToken);
        var buckets = new List<Bucket>();
        var names = new BucketSink(bolt, buckets);
        walker.Walk(new TreePart(root, 0, [], null), ref names);
        if (buckets.Find(b => b.Name == "key") is not { } keys)
        {
            return new DatabaseTail(0, length);
        }

        var last = new TailSink(bolt);
        if (keys.InlinePage is not null)
        {
            walker.Walk(TreePart.Of(keys), ref last);
            return Told(last);
        }

        var (leaf, above) = await LeafAsync(source, bolt, keys.Root, b => b.Count - 1, cancellationToken);
        walker.Walk(new TreePart(leaf, 0, [], null), ref last);

        // The last records may be deletions, or objects that tell no time.
        for (var back = 2; last.Newest is null && above is { } branch && back <= Math.Min(branch.Count, MaximumLeaves); back++)
        {
            (leaf, _) = await LeafAsync(source, bolt, branch.PageAt(branch.Count - back), b => b.Count - 1, cancellationToken);
            walker.Walk(new TreePart(leaf, 0, [], null), ref last);
        }

        return Told(last);
    }

    private DatabaseTail Told(TailSink sink) => new(sink.Revision, length) { NewestChange = sink.Newest, NewestKey = sink.NewestKey };

    private static int LastUpTo(BranchPage branch, ReadOnlySpan<byte> key)
    {
        var child = branch.Count - 1;
        while (child > 0 && branch.KeyAt(child).SequenceCompareTo(key) > 0)
        {
            child--;
        }

        return child;
    }

    /// <summary>Descends to a leaf, which is fetched then; gives the branch above it too.</summary>
    private static async Task<(ulong Leaf, BranchPage? Above)> LeafAsync(
        FetchedSource source,
        BoltFile bolt,
        ulong page,
        Func<BranchPage, int> choose,
        CancellationToken cancellationToken
    )
    {
        BranchPage? above = null;
        for (var depth = 0; depth <= MaximumDepth; depth++)
        {
            var bytes = await PageAsync(source, bolt, page, cancellationToken);
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) != BranchFlag)
            {
                return (page, above);
            }

            var branch = BranchPage.Parse(bolt, page, bytes, default);
            above = branch;
            page = branch.PageAt(choose(branch));
        }

        throw bolt.Damaged(Errors.DatabaseDamaged_TooDeep_Part.With(MaximumDepth));
    }

    private static async Task<byte[]> PageAsync(FetchedSource source, BoltFile bolt, ulong page, CancellationToken cancellationToken)
    {
        var offset = bolt.OffsetOf(page);
        await source.FetchAsync(offset, bolt.Meta.PageSize, cancellationToken);
        var reader = source.CreateReader();
        var first = reader.Read(offset, bolt.Meta.PageSize, 0).ToArray();
        var overflow = BinaryPrimitives.ReadUInt32LittleEndian(first.AsSpan(12));
        if (BinaryPrimitives.ReadUInt64LittleEndian(first) != page)
        {
            throw bolt.Damaged(Errors.DatabaseDamaged_PageNumber_Part.With(page, BinaryPrimitives.ReadUInt64LittleEndian(first)));
        }

        if (overflow >= bolt.Meta.PageCount - page || (overflow + 1L) * bolt.Meta.PageSize > MaximumPageBytes)
        {
            throw bolt.Damaged(Errors.DatabaseDamaged_Overflow_Part.With(page, overflow));
        }

        if (overflow == 0)
        {
            return first;
        }

        var whole = (int)(overflow + 1) * bolt.Meta.PageSize;
        await source.FetchAsync(offset, whole, cancellationToken);
        return reader.Read(offset, whole, 0).ToArray();
    }
}
