using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// The list of free pages: a page with 8-byte page numbers behind its header; where its count is 65535 the first number is the count. etcd
/// on Linux does not write it (NoFreelistSync).
/// </summary>
internal static class Freelist
{
    private const int HeaderBytes = 16;
    private const ushort Flag = 0x10;

    /// <summary>Reads it and marks its own pages as reached; null where there is none.</summary>
    internal static PageBitmap? Read(BoltFile file, PageBitmap visited, CancellationToken cancellationToken)
    {
        var page = file.Meta.Freelist;
        if (page == MetaPage.NoFreelist)
        {
            return null;
        }

        var offset = file.OffsetOf(page);
        var reader = file.Source.CreateReader();
        var header = reader.Read(offset, HeaderBytes + sizeof(ulong), HeaderBytes + sizeof(ulong));
        var overflow = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (
            BinaryPrimitives.ReadUInt64LittleEndian(header) != page
            || BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Flag
            || overflow >= file.Meta.PageCount - page
            || !visited.TryAdd(page, overflow + 1UL)
        )
        {
            throw file.Damaged(Errors.DatabaseDamaged_Freelist_Part.With(page));
        }

        ulong count = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        offset += HeaderBytes;
        if (count == ushort.MaxValue)
        {
            count = BinaryPrimitives.ReadUInt64LittleEndian(header[HeaderBytes..]);
            offset += sizeof(ulong);
        }

        if (count > (ulong)(((long)(page + overflow + 1) * file.Meta.PageSize) - offset) / sizeof(ulong))
        {
            throw file.Damaged(Errors.DatabaseDamaged_FreelistLength_Part.With(count));
        }

        return ReadNumbers(file, reader, offset, (long)count, cancellationToken);
    }

    private static PageBitmap ReadNumbers(BoltFile file, PageReader reader, long offset, long count, CancellationToken cancellationToken)
    {
        const int Batch = 8192;
        var free = new PageBitmap((long)file.Meta.PageCount);
        for (var done = 0L; done < count; done += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = (int)Math.Min(Batch, count - done) * sizeof(ulong);
            var numbers = reader.Read(offset + (done * sizeof(ulong)), length, length);
            for (; numbers.Length > 0; numbers = numbers[sizeof(ulong)..])
            {
                var page = BinaryPrimitives.ReadUInt64LittleEndian(numbers);
                if (page < 2 || page >= file.Meta.PageCount || !free.TryAdd(page, 1))
                {
                    throw file.Damaged(Errors.DatabaseDamaged_FreelistPage_Part.With(page));
                }
            }
        }

        return free;
    }
}
