using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots;

/// <summary>The next bytes of another stream, at most so many. Disposing it leaves the other one open.</summary>
internal sealed class BoundedStream(Stream source, long length) : ReadOnlyStream
{
    private long _left = length;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Took(await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Took(source.Read(buffer[..(int)Math.Min(buffer.Length, _left)]));

    private int Took(int count)
    {
        _left -= count;
        return count;
    }
}
