using System.Runtime.InteropServices;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// Reads a source ahead of whoever sends it, and lets sums and a progress report see the bytes on the way: reading, hashing and sending go
/// on side by side.
/// </summary>
/// <param name="source">The source, at <paramref name="position"/>; stays open.</param>
/// <param name="position">Where it stands in the file.</param>
/// <param name="end">Where the file ends. A source that grows meanwhile gives no more: the rest is not part of the snapshot.</param>
/// <param name="passed">Given each piece with its position, in order.</param>
internal sealed class ReadAheadStream(Stream source, long position, long end, Action<long, ReadOnlyMemory<byte>> passed)
    : PieceStream(PiecesUnderWay)
{
    private const int PieceSize = 256 * 1024;
    private const int PiecesUnderWay = 6;

    /// <inheritdoc/>
    protected override async Task MakeAsync(Func<Task<ReadOnlyMemory<byte>>, ValueTask> give, CancellationToken cancellationToken)
    {
        for (var at = position; at < end; )
        {
            var buffer = LargeBuffers.Rent(PieceSize);
            var wanted = (int)Math.Min(PieceSize, end - at);
            var count = await source.ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
            if (count == 0)
            {
                return;
            }

            var piece = buffer.AsMemory(0, count);
            passed(at, piece);
            await give(Task.FromResult<ReadOnlyMemory<byte>>(piece));
            at += count;
        }
    }

    /// <inheritdoc/>
    protected override void Spent(ReadOnlyMemory<byte> piece)
    {
        if (MemoryMarshal.TryGetArray(piece, out var array))
        {
            LargeBuffers.Return(array.Array!);
        }
    }
}
