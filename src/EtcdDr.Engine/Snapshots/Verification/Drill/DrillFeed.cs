using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// What a drill or a mount on a node is fed by standard input: its small files, the plain database, and then a byte now and then for as
/// long as it shall live.
/// </summary>
internal sealed class DrillFeed : ReadOnlyStream
{
    private readonly Queue<Stream> _parts;
    private readonly HeartbeatStream _heartbeat;
    private volatile bool _ended;

    /// <summary>Makes one for a drill; the database's stream becomes this object's.</summary>
    internal DrillFeed(DrillCertificate certificate, Stream database, TimeProvider time)
        : this([certificate.CertificatePem, certificate.KeyPem], database, time) { }

    /// <summary>Makes one; the database's stream becomes this object's.</summary>
    internal DrillFeed(IEnumerable<byte[]> files, Stream database, TimeProvider time)
    {
        _heartbeat = new HeartbeatStream(time);
        _parts = new Queue<Stream>([.. files.Select(f => new MemoryStream(f, writable: false)), database, _heartbeat]);
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
    public override int Read(Span<byte> buffer)
    {
        var bytes = new byte[buffer.Length];
        var read = ReadAsync(bytes).AsTask().GetAwaiter().GetResult();
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

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
