namespace EtcdDr.Engine.Operations;

/// <summary>Reads another stream, which it closes when it is disposed, and tells how many bytes came so far.</summary>
internal sealed class CountingStream(Stream inner, Action<long> tell) : ReadOnlyStream
{
    private long _done;

    public override long Length => inner.Length;

    public override long Position
    {
        get => _done;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        if (read > 0)
        {
            _done += read;
            tell(_done);
        }

        return read;
    }
}
