using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Opens a sealed file as it streams in. Bytes of a chunk are given only after the whole chunk was proven; the end only after the
/// last.</summary>
internal sealed class SealedReadStream : Stream
{
    private readonly Stream _source;
    private readonly SealedFile _file;
    private readonly SnapshotKey _key;
    private readonly byte[] _sealed = GC.AllocateUninitializedArray<byte>(SealedLayout.ChunkLength + SealedLayout.TagLength);
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(SealedLayout.ChunkLength);
    private ChunkSealer? _sealer;
    private int _start;
    private int _end;
    private long _next;

    /// <summary>Reads a sealed file from its beginning; disposing this closes the source.</summary>
    internal SealedReadStream(Stream source, SealedFile file, SnapshotKey key)
    {
        _source = source;
        _file = file;
        _key = key;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _file.PlainLength;

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end && _next < _file.Chunks)
        {
            await FillAsync(cancellationToken);
        }

        return Take(buffer.Span);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_start == _end && _next < _file.Chunks)
        {
            if (_sealer is null)
            {
                Begin(
                    _sealed.AsSpan(
                        0,
                        _source.ReadAtLeast(
                            _sealed.AsSpan(0, SealedLayout.HeaderLength),
                            SealedLayout.HeaderLength,
                            throwOnEndOfStream: false
                        )
                    )
                );
            }

            var wanted = _file.ChunkLength(_next) + SealedLayout.TagLength;
            Open(_source.ReadAtLeast(_sealed.AsSpan(0, wanted), wanted, throwOnEndOfStream: false));
        }

        return Take(buffer);
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
            _sealer?.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
        }

        base.Dispose(disposing);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_sealer is null)
        {
            var header = _sealed.AsMemory(0, SealedLayout.HeaderLength);
            var read = await _source.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
            Begin(header.Span[..read]);
        }

        var wanted = _file.ChunkLength(_next) + SealedLayout.TagLength;
        Open(await _source.ReadAtLeastAsync(_sealed.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken));
    }

    private void Begin(ReadOnlySpan<byte> header)
    {
        if (SealedLayout.Fault(header, _file.Kind, _file.Id) is { } fault)
        {
            throw _file.Altered(fault);
        }

        _sealer = new ChunkSealer(_key, header.ToArray(), _file.Path);
    }

    private void Open(int read)
    {
        var length = _file.ChunkLength(_next);
        if (read < length + SealedLayout.TagLength)
        {
            throw _file.Altered(Errors.SnapshotAltered_SealedShorter_Part);
        }

        if (!_sealer!.TryOpen(_next, _next == _file.Chunks - 1, _sealed.AsSpan(0, read), _plain.AsSpan(0, length)))
        {
            throw _file.AlteredAt(_next);
        }

        (_start, _end) = (0, length);
        _next++;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _plain.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
