using System.Buffers.Binary;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// One of bbolt's two meta pages: after the page header 4 bytes each of magic, version, page size and flags; the root bucket (root page and
/// sequence, 8 bytes each); then 8 bytes each of freelist page, high-water mark, transaction id and FNV-1a sum of all before it
/// (bbolt internal/common/meta.go).
/// </summary>
/// <param name="PageSize">Bytes in a page.</param>
/// <param name="Root">Root page of the bucket of buckets.</param>
/// <param name="Freelist">First page of the list of free pages; <see cref="NoFreelist"/> where it is not written, as etcd has it on
/// Linux.</param>
/// <param name="PageCount">High-water mark: pages in the database.</param>
/// <param name="Transaction">Transaction that wrote it; the valid page with the higher one counts.</param>
internal readonly record struct MetaPage(int PageSize, ulong Root, ulong Freelist, ulong PageCount, ulong Transaction)
{
    internal const ulong NoFreelist = ulong.MaxValue;
    internal const int HeaderLength = 16;
    internal const int Length = HeaderLength + 64;
    private const uint Magic = 0xED0CDAED;
    private const uint Version = 2;
    private const ushort Flag = 4;

    /// <summary>Parses a meta page from its first <see cref="Length"/> bytes; says why not.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> page, out MetaPage meta, out string reason)
    {
        meta = default;
        var body = page[HeaderLength..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(body) != Magic)
        {
            reason = Errors.DatabaseFormatUnknown_NoMetaPage_Part;
            return false;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) != Version)
        {
            reason = Errors.DatabaseFormatUnknown_Version_Part.With(BinaryPrimitives.ReadUInt32LittleEndian(body[4..]), Version);
            return false;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(body[56..]) != Fnv1A(body[..56]))
        {
            reason = Errors.DatabaseFormatUnknown_MetaChecksum_Part;
            return false;
        }

        var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        if (pageSize is < 1024 or > 65536 || !uint.IsPow2(pageSize) || BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) != Flag)
        {
            reason = Errors.DatabaseFormatUnknown_MetaPage_Part.With(pageSize);
            return false;
        }

        meta = new MetaPage(
            (int)pageSize,
            BinaryPrimitives.ReadUInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[48..])
        );
        reason = string.Empty;
        return true;
    }

    internal static ulong Fnv1A(ReadOnlySpan<byte> data)
    {
        var hash = 14695981039346656037UL;
        foreach (var one in data)
        {
            hash = (hash ^ one) * 1099511628211UL;
        }

        return hash;
    }
}
