using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A checked copy of a branch page: children and the least key below each.</summary>
internal readonly struct BranchPage
{
    private const int HeaderBytes = 16;
    private const int ElementBytes = 16;
    private readonly byte[] _bytes;

    private BranchPage(byte[] bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    /// <summary>Number of children, at least one.</summary>
    internal int Count { get; }

    /// <summary>Copies and checks a page: keys rise, do not overlap one another and lie between the bounds.</summary>
    internal static BranchPage Parse(BoltFile file, ulong id, ReadOnlySpan<byte> page, in KeyBounds bounds)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(page[10..]);
        var dataStart = HeaderBytes + (count * (long)ElementBytes);
        if (count == 0 || dataStart > page.Length)
        {
            throw file.Damaged(Errors.DatabaseDamaged_Children_Part.With(id, count));
        }

        var branch = new BranchPage(page.ToArray(), count);
        for (var i = 0; i < count; i++)
        {
            var element = HeaderBytes + (i * ElementBytes);
            var start = element + (long)BinaryPrimitives.ReadUInt32LittleEndian(page[element..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(page[(element + 4)..]);
            if (start < dataStart || start + length > page.Length || length == 0)
            {
                throw file.Damaged(Errors.DatabaseDamaged_BranchKeyOutside_Part.With(i, id));
            }

            dataStart = start + length;
            if (i > 0 && branch.KeyAt(i - 1).SequenceCompareTo(branch.KeyAt(i)) >= 0)
            {
                throw file.Damaged(Errors.DatabaseDamaged_BranchKeyOrder_Part.With(i, id));
            }
        }

        bounds.Check(file, id, branch.KeyAt(0), branch.KeyAt(count - 1));
        return branch;
    }

    /// <summary>The page of a child.</summary>
    internal ulong PageAt(int child) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(HeaderBytes + (child * ElementBytes) + 8));

    /// <summary>The least key that may stand below a child.</summary>
    internal ReadOnlySpan<byte> KeyAt(int child)
    {
        var element = HeaderBytes + (child * ElementBytes);
        var position = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(element));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(element + 4));
        return _bytes.AsSpan(element + (int)position, (int)length);
    }
}
