using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Walks a B+tree of bbolt pages in key order, for one thread, and trusts nothing: each offset is checked, each page is reached at most
/// once, keys rise strictly and lie between those of the branch above, depth is bounded. A page has a header of 16 bytes (id, flags, count,
/// overflow) and elements of 16 bytes, whose positions count from the element (bbolt internal/common/page.go).
/// </summary>
/// <param name="file">The file.</param>
/// <param name="visited">Pages that were reached, by any walker; null for a second look at pages that were checked.</param>
/// <param name="cancellationToken">Stops the walk.</param>
internal sealed class TreeWalker(BoltFile file, PageBitmap? visited, CancellationToken cancellationToken)
{
    /// <summary>How much is read at once where neighbouring pages are wanted.</summary>
    internal const int WindowBytes = 256 * 1024;

    /// <summary>How many leaves a part has at most.</summary>
    private const int LeavesInPart = 64;

    // etcd writes pages of at most a few MiB (--max-request-bytes is 1.5 MiB by default); this bounds memory on hostile files.
    private const int MaximumPageBytes = 64 * 1024 * 1024;

    // Trees that bbolt writes have at most ten levels; this bounds the stack on hostile files.
    private const int MaximumDepth = 48;

    // bbolt splits a page that is too large unless it has four entries or fewer (node.go, splitTwo).
    private const int MaximumEntriesOfOversizedBranch = 4;
    private const int HeaderBytes = 16;
    private const int ElementBytes = 16;
    private const ushort BranchFlag = 1;
    private const ushort LeafFlag = 2;
    private readonly PageReader _reader = file.Source.CreateReader();
    private long _budget;

    /// <summary>Feeds the records of a part to a sink, in key order; false if the sink ended the walk.</summary>
    internal bool Walk<TSink>(TreePart part, ref TSink sink)
        where TSink : struct, IRecordSink
    {
        if (part.Inline is not null)
        {
            return WalkInline(part.Inline, ref sink);
        }

        // A second look has no bitmap; this bounds it even if the file changes under it.
        _budget = (long)file.Meta.PageCount;
        var bounds = new KeyBounds(part.Low, part.High, part.High is not null);
        return part.From < 0
            ? Walk(part.Page, part.Depth, bounds, file.Meta.PageSize, ref sink)
            : WalkChildren(LoadBranch(part.Page, bounds, visit: false), part.From, part.To, part.Depth, bounds, ref sink);
    }

    /// <summary>
    /// Cuts a tree into parts of some leaves each, in key order, for several threads. Branch pages on the way are checked and marked as
    /// reached.
    /// </summary>
    /// <param name="root">The whole tree.</param>
    /// <param name="maximumKeyLength">A bound on keys; they are kept for the parts.</param>
    internal List<TreePart> Split(TreePart root, int maximumKeyLength)
    {
        _budget = (long)file.Meta.PageCount;
        var parts = new List<TreePart>();
        Split(root, maximumKeyLength, parts);
        return parts;
    }

    private bool WalkInline<TSink>(ReadOnlySpan<byte> page, ref TSink sink)
        where TSink : struct, IRecordSink
    {
        if (page.Length < HeaderBytes || BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) != LeafFlag)
        {
            throw file.Damaged(Errors.DatabaseDamaged_InlinePage_Part);
        }

        return WalkLeaf(0, page, default, ref sink);
    }

    private void Split(TreePart tree, int maximumKeyLength, List<TreePart> parts)
    {
        if (tree.Inline is not null || tree.Depth > MaximumDepth || KindOf(tree.Page) != BranchFlag)
        {
            parts.Add(tree);
            return;
        }

        var branch = LoadBranch(tree.Page, new KeyBounds(tree.Low, tree.High, tree.High is not null), visit: true);
        if (KindOf(branch.PageAt(0)) != BranchFlag)
        {
            for (var from = 0; from < branch.Count; from += LeavesInPart)
            {
                parts.Add(tree with { From = from, To = Math.Min(from + LeavesInPart, branch.Count) });
            }

            return;
        }

        for (var i = 0; i < branch.Count; i++)
        {
            if (branch.KeyAt(i).Length > maximumKeyLength)
            {
                throw file.Damaged(Errors.DatabaseDamaged_BranchKeyLength_Part.With(tree.Page, branch.KeyAt(i).Length));
            }

            var high = i + 1 < branch.Count ? branch.KeyAt(i + 1).ToArray() : tree.High;
            Split(new TreePart(branch.PageAt(i), tree.Depth + 1, branch.KeyAt(i).ToArray(), high), maximumKeyLength, parts);
        }
    }

    private ushort KindOf(ulong page) =>
        BinaryPrimitives.ReadUInt16LittleEndian(_reader.Read(file.OffsetOf(page), file.Meta.PageSize, file.Meta.PageSize)[8..]);

    private bool Walk<TSink>(ulong page, int depth, KeyBounds bounds, int ahead, ref TSink sink)
        where TSink : struct, IRecordSink
    {
        if (depth > MaximumDepth)
        {
            throw file.Damaged(Errors.DatabaseDamaged_TooDeep_Part.With(MaximumDepth));
        }

        var content = Load(page, ahead, visit: true);
        switch (BinaryPrimitives.ReadUInt16LittleEndian(content[8..]))
        {
            case LeafFlag:
                return WalkLeaf(page, content, bounds, ref sink);
            case BranchFlag:
                var branch = ParseBranch(page, content, bounds);
                return WalkChildren(branch, 0, branch.Count, depth, bounds, ref sink);
            default:
                throw file.Damaged(Errors.DatabaseDamaged_PageKind_Part.With(page));
        }
    }

    private bool WalkChildren<TSink>(BranchPage branch, int from, int to, int depth, KeyBounds bounds, ref TSink sink)
        where TSink : struct, IRecordSink
    {
        if (to > branch.Count)
        {
            throw file.Damaged(Errors.DatabaseDamaged_BranchChanged_Part);
        }

        for (var i = from; i < to; i++)
        {
            var last = i + 1 == branch.Count;
            var below = new KeyBounds(branch.KeyAt(i), last ? bounds.High : branch.KeyAt(i + 1), !last || bounds.HasHigh);
            if (!Walk(branch.PageAt(i), depth + 1, below, Ahead(branch, i, to), ref sink))
            {
                return false;
            }
        }

        return true;
    }

    // Neighbouring leaves often stand side by side in the file: read them at once.
    private int Ahead(BranchPage branch, int child, int to)
    {
        const ulong NearPages = 16;
        var first = branch.PageAt(child);
        var end = first;
        for (var i = child + 1; i < to; i++)
        {
            var next = branch.PageAt(i);
            if (next <= end || next - end > NearPages || (next - first + 1) * (ulong)file.Meta.PageSize > WindowBytes)
            {
                break;
            }

            end = next;
        }

        return (int)(end - first + 1) * file.Meta.PageSize;
    }

    private bool WalkLeaf<TSink>(ulong id, ReadOnlySpan<byte> page, KeyBounds bounds, ref TSink sink)
        where TSink : struct, IRecordSink
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(page[10..]);
        var dataStart = HeaderBytes + (count * (long)ElementBytes);
        if (dataStart > page.Length)
        {
            throw file.Damaged(Errors.DatabaseDamaged_Entries_Part.With(id, count));
        }

        ReadOnlySpan<byte> first = default;
        ReadOnlySpan<byte> previous = default;
        for (var i = 0; i < count; i++)
        {
            var at = HeaderBytes + (i * ElementBytes);
            var element = page.Slice(at, ElementBytes);
            var start = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(element[4..]);
            var keyLength = BinaryPrimitives.ReadUInt32LittleEndian(element[8..]);
            var end = start + keyLength + BinaryPrimitives.ReadUInt32LittleEndian(element[12..]);

            // bbolt writes entries one behind the other; overlapping ones would make a small file endless work.
            if (start < dataStart || end > page.Length || keyLength == 0)
            {
                throw file.Damaged(Errors.DatabaseDamaged_EntryOutside_Part.With(i, id));
            }

            dataStart = end;
            var entry = page[(int)start..(int)end];
            var key = entry[..(int)keyLength];
            if (i == 0)
            {
                first = key;
            }
            else if (previous.SequenceCompareTo(key) >= 0)
            {
                throw file.Damaged(Errors.DatabaseDamaged_LeafKeyOrder_Part.With(i, id));
            }

            previous = key;
            if (!sink.Record(entry, (int)keyLength, BinaryPrimitives.ReadUInt32LittleEndian(element)))
            {
                return false;
            }
        }

        if (count > 0)
        {
            bounds.Check(file, id, first, previous);
        }

        return true;
    }

    private BranchPage LoadBranch(ulong page, KeyBounds bounds, bool visit)
    {
        var content = Load(page, file.Meta.PageSize, visit);
        if (BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) != BranchFlag)
        {
            throw file.Damaged(Errors.DatabaseDamaged_NoBranch_Part.With(page));
        }

        return ParseBranch(page, content, bounds);
    }

    private BranchPage ParseBranch(ulong page, ReadOnlySpan<byte> content, KeyBounds bounds)
    {
        if (content.Length > file.Meta.PageSize && BinaryPrimitives.ReadUInt16LittleEndian(content[10..]) > MaximumEntriesOfOversizedBranch)
        {
            throw file.Damaged(Errors.DatabaseDamaged_BranchTooLarge_Part.With(page));
        }

        return BranchPage.Parse(file, page, content, bounds);
    }

    private ReadOnlySpan<byte> Load(ulong page, int ahead, bool visit)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var offset = file.OffsetOf(page);
        var content = _reader.Read(offset, file.Meta.PageSize, ahead);
        var overflow = BinaryPrimitives.ReadUInt32LittleEndian(content[12..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(content) != page)
        {
            throw file.Damaged(Errors.DatabaseDamaged_PageNumber_Part.With(page, BinaryPrimitives.ReadUInt64LittleEndian(content)));
        }

        if (overflow >= file.Meta.PageCount - page || (overflow + 1L) * file.Meta.PageSize > MaximumPageBytes)
        {
            throw file.Damaged(Errors.DatabaseDamaged_Overflow_Part.With(page, overflow));
        }

        if (visit && visited is not null && !visited.TryAdd(page, overflow + 1UL))
        {
            throw file.Damaged(Errors.DatabaseDamaged_ReachedTwice_Part.With(page));
        }

        if (--_budget < 0)
        {
            throw file.Damaged(Errors.DatabaseDamaged_PagesChanged_Part);
        }

        return overflow == 0 ? content : _reader.Read(offset, ((int)overflow + 1) * file.Meta.PageSize, ahead);
    }
}
