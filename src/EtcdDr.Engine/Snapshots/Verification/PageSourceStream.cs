using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>A <see cref="PageSource"/> from its beginning to its end. For one reader; disposing it closes the source.</summary>
internal sealed class PageSourceStream(PageSource source) : ReadOnlyStream
{
    private const int Ahead = 1 << 20;
    private readonly PageReader _reader = source.CreateReader();
    private long _position;

    /// <inheritdoc/>
    public override long Length => source.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var left = source.Length - _position;
        var count = (int)Math.Min(buffer.Length, left);
        if (count > 0)
        {
            _reader.Read(_position, count, (int)Math.Min(Math.Max(count, Ahead), left)).CopyTo(buffer);
            _position += count;
        }

        return count;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(Read(buffer.Span));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
