using System.IO.Compression;
using System.Runtime.InteropServices;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// A source as gzip: members of 256 KiB each, compressed side by side and joined in their order, which every gzip reads as one file.
/// </summary>
/// <param name="source">What is compressed; stays open.</param>
/// <param name="level">How hard.</param>
internal sealed class GzipMembersStream(Stream source, CompressionLevel level) : PieceStream(2 * Environment.ProcessorCount)
{
    /// <summary>Bytes of the source in one member.</summary>
    public const int MemberSize = 256 * 1024;

    /// <summary>One member, in an array of <see cref="LargeBuffers"/>.</summary>
    public static ArraySegment<byte> Compress(ReadOnlySpan<byte> content, CompressionLevel level)
    {
        // No deflate makes more than nine bits of a byte (zlib-ng, zutil.h: DEFLATE_QUICK_LIT_MAX_BITS), and some for blocks, head and
        // foot.
        var packed = LargeBuffers.Rent(content.Length + (content.Length / 8) + 4096);
        using var target = new MemoryStream(packed);
        using (var gzip = new GZipStream(target, level, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return new ArraySegment<byte>(packed, 0, (int)target.Position);
    }

    /// <inheritdoc/>
    protected override async Task MakeAsync(Func<Task<ReadOnlyMemory<byte>>, ValueTask> give, CancellationToken cancellationToken)
    {
        while (true)
        {
            var content = LargeBuffers.Rent(MemberSize);
            var count = await source.ReadAtLeastAsync(
                content.AsMemory(0, MemberSize),
                MemberSize,
                throwOnEndOfStream: false,
                cancellationToken
            );
            if (count == 0)
            {
                return;
            }

            await give(Task.Run(() => Compress(content, count, level), CancellationToken.None));
        }
    }

    /// <inheritdoc/>
    protected override void Spent(ReadOnlyMemory<byte> piece)
    {
        if (MemoryMarshal.TryGetArray(piece, out var packed))
        {
            LargeBuffers.Return(packed.Array!);
        }
    }

    private static ReadOnlyMemory<byte> Compress(byte[] rented, int count, CompressionLevel level)
    {
        var member = Compress(rented.AsSpan(0, count), level);
        LargeBuffers.Return(rented);
        return member;
    }
}
