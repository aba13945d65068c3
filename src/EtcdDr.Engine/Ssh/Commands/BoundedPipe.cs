using System.Security.Cryptography;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>
/// Carries a command's output from SSH.NET's receiving thread to its reader. SSH.NET's own pipe grows without limit, and its channel window
/// is 2 GiB; this one makes the receiving thread wait when the reader is slower than the network, so that TCP slows the sender and memory
/// stays bounded. The price: meanwhile nothing else moves on that connection (SSH.NET's forwarded ports have the same trait).
/// </summary>
internal sealed class BoundedPipe : Stream
{
    private const int FirstRing = 64 * 1024;

    private readonly object _lock = new();
    private readonly int _capacity;
    private byte[] _ring;
    private int _start;
    private int _count;
    private bool _ended;
    private bool _abandoned;
    private TaskCompletionSource? _readable;

    /// <summary>Creates a pipe that holds up to <paramref name="capacity"/> bytes, but takes memory only for what it comes to hold: most
    /// commands say little.</summary>
    public BoundedPipe(int capacity)
    {
        _capacity = capacity;
        _ring = new byte[Math.Min(capacity, FirstRing)];
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Nobody reads any more: what is still written is dropped, and a waiting writer goes on.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            _count = 0;
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            lock (_lock)
            {
                while (_count == _capacity && !_abandoned)
                    Monitor.Wait(_lock);

                if (_abandoned)
                    return;

                buffer = buffer[Fill(buffer)..];
                Wake();
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task readable;
            lock (_lock)
            {
                if (_count > 0)
                    return Drain(buffer.Span);

                if (_ended)
                    return 0;

                _readable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                readable = _readable.Task;
            }

            await readable.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>SSH.NET closes the stream when the command has ended: the reader gets what is left, then the end.</summary>
    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _ended = true;
            Wake();
        }

        base.Dispose(disposing);
    }

    private void Wake()
    {
        _readable?.TrySetResult();
        _readable = null;
    }

    private int Fill(ReadOnlySpan<byte> data)
    {
        if (_count == _ring.Length)
            Grow();

        var end = (_start + _count) % _ring.Length;
        var room = Math.Min(_ring.Length - _count, _ring.Length - end);
        var taken = Math.Min(room, data.Length);
        data[..taken].CopyTo(_ring.AsSpan(end));
        _count += taken;
        return taken;
    }

    // What passes may be a key: no copy of it stays behind.
    private void Grow()
    {
        var larger = new byte[Math.Min(_capacity, _ring.Length * 2)];
        _ring.AsSpan(_start).CopyTo(larger);
        _ring.AsSpan(0, _start).CopyTo(larger.AsSpan(_ring.Length - _start));
        CryptographicOperations.ZeroMemory(_ring);
        (_ring, _start) = (larger, 0);
    }

    private int Drain(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, Math.Min(_count, _ring.Length - _start));
        _ring.AsSpan(_start, taken).CopyTo(buffer);
        _start = (_start + taken) % _ring.Length;
        _count -= taken;
        Monitor.PulseAll(_lock);
        return taken;
    }
}
