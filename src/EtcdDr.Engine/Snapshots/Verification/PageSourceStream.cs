using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>A <see cref="PageSource"/> from its beginning to its end. For one reader; disposing it closes the source.</summary>
internal sealed class PageSourceStream(PageSource source) : Stream
{
    private const int Ahead = 1 << 20;
    private readonly PageReader _reader = source.CreateReader();
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

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
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
