using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Transfer;

/// <summary>A beginning that was read already, and the rest of the source it came from. Disposing it leaves the source open.</summary>
/// <param name="head">The beginning, in an array of <see cref="LargeBuffers"/>, which gets it back when the last of it has been read; none
/// for no beginning.</param>
/// <param name="rest">What comes behind it.</param>
internal sealed class HeadedStream(ArraySegment<byte> head, Stream rest) : ReadingStream
{
    private ArraySegment<byte> _head = head;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_head.Count == 0)
        {
            return rest.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _head.Count);
        _head[..count].AsMemory().CopyTo(buffer);
        _head = _head[count..];
        if (_head.Count == 0)
        {
            LargeBuffers.Return(_head.Array!);
        }

        return ValueTask.FromResult(count);
    }
}
