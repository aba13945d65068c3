namespace EtcdDr.Engine.Ssh.Files;

/// <summary>A remote file that is read; failures come as <see cref="EtcdDrException"/>.</summary>
internal sealed class RemoteReadStream : Stream
{
    private readonly Stream _stream;
    private readonly string _host;
    private readonly string _path;

    /// <summary>Takes over an SFTP stream.</summary>
    public RemoteReadStream(Stream stream, string host, string path)
    {
        _stream = stream;
        _host = host;
        _path = path;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => _stream.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => Guard(() => _stream.Length);

    /// <inheritdoc/>
    public override long Position
    {
        get => _stream.Position;
        set => Guard(() => _stream.Position = value);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Guard(() => _stream.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _stream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _host, _path, writing: false);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Guard(() => _stream.Seek(offset, origin));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stream.Dispose();

        base.Dispose(disposing);
    }

    private T Guard<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (FileErrors.Concerns(e))
        {
            throw FileErrors.Explain(e, _host, _path, writing: false);
        }
    }
}
