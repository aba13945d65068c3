using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Transfer;

/// <summary>Gives on what it reads from a source, and lets digests and a progress report see it.</summary>
internal sealed class DigestingStream(Stream source, long position, BlockDigests digests, Action<long> passed) : ReadOnlyStream
{
    private long _position = position;

    // A source that grows while it is read gives no more than it had: the rest is not part of the snapshot.
    private long Left => digests.Length - _position;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Left)], cancellationToken);
        Pass(buffer.Span[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
        Pass(buffer[..count]);
        return count;
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        digests.Feed(_position, bytes);
        _position += bytes.Length;
        passed(_position);
    }
}
