using System.Buffers;
using System.IO.Compression;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// A source as gzip: members of 1 MiB each, compressed side by side and joined in their order, which every gzip reads as one file.
/// </summary>
/// <param name="source">What is compressed; stays open.</param>
/// <param name="level">How hard.</param>
internal sealed class GzipMembersStream(Stream source, CompressionLevel level) : PieceStream(Environment.ProcessorCount)
{
    private const int MemberSize = 1024 * 1024;

    /// <summary>One member.</summary>
    public static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> content, CompressionLevel level)
    {
        // Rarely larger than what it holds; then the stream grows.
        var target = new MemoryStream(content.Length);
        using (var gzip = new GZipStream(target, level, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }

    /// <inheritdoc/>
    protected override async Task MakeAsync(Func<Task<ReadOnlyMemory<byte>>, ValueTask> give, CancellationToken cancellationToken)
    {
        while (true)
        {
            var content = ArrayPool<byte>.Shared.Rent(MemberSize);
            var count = await source.ReadAtLeastAsync(content.AsMemory(0, MemberSize), MemberSize, throwOnEndOfStream: false, cancellationToken);
            if (count == 0)
            {
                return;
            }

            await give(Task.Run(() => Compress(content, count, level), CancellationToken.None));
        }
    }

    private static ReadOnlyMemory<byte> Compress(byte[] rented, int count, CompressionLevel level)
    {
        var member = Compress(rented.AsSpan(0, count), level);
        ArrayPool<byte>.Shared.Return(rented);
        return member;
    }
}
