using System.Buffers;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Transfer;

/// <summary>Base of streams whose bytes come by asynchronous reading only; who reads otherwise waits for that.</summary>
internal abstract class ReadingStream : ReadOnlyStream
{
    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var count = ReadAsync(rented.AsMemory(0, buffer.Length)).AsTask().GetAwaiter().GetResult();
            rented.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}
