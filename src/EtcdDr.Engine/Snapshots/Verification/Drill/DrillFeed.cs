using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// What a drill on a node is fed by standard input: the certificate, its key, the plain database, and then a byte now and then for as long as it shall live.
/// </summary>
internal sealed class DrillFeed : Stream
{
    private readonly Queue<Stream> _parts;
    private readonly HeartbeatStream _heartbeat;
    private volatile bool _ended;

    /// <summary>Makes one; the database's stream becomes this object's.</summary>
    internal DrillFeed(DrillCertificate certificate, Stream database, TimeProvider time)
    {
        _heartbeat = new HeartbeatStream(time);
        _parts = new Queue<Stream>([new MemoryStream(certificate.CertificatePem, writable: false), new MemoryStream(certificate.KeyPem, writable: false), database, _heartbeat]);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends it, wherever it is: its reader sees the end of the file.</summary>
    internal Task EndAsync()
    {
        _ended = true;
        return _heartbeat.EndAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_ended && _parts.TryPeek(out var part))
        {
            if (await part.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                return read;
            }

            await _parts.Dequeue().DisposeAsync();
        }

        return 0;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

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
            while (_parts.TryDequeue(out var part))
            {
                part.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
