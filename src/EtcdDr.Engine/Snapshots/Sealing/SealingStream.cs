using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>Seals what is written to it and writes that to another stream. Ends with <see cref="Finish"/>; without it the file has no end
/// and nobody reads it.</summary>
internal sealed class SealingStream : Stream
{
    private readonly Stream _target;
    private readonly ChunkSealer _sealer;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(SealedLayout.ChunkLength);
    private readonly byte[] _sealed = GC.AllocateUninitializedArray<byte>(SealedLayout.ChunkLength + SealedLayout.TagLength);
    private int _held;
    private long _chunk;
    private long _length;

    /// <summary>Writes the header; the target stays open when this is disposed.</summary>
    /// <param name="target">Takes the sealed bytes.</param>
    /// <param name="key">The snapshot's key.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="path">Path of the file when it is open.</param>
    internal SealingStream(Stream target, SnapshotKey key, byte[] header, string path)
    {
        _target = target;
        _sealer = new ChunkSealer(key, header, path);
        target.Write(header);
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Plain bytes so far.</summary>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        _length += buffer.Length;
        while (buffer.Length > 0)
        {
            // A full chunk is held until more comes: only then it is known not to be the last.
            if (_held == _plain.Length)
            {
                Seal(last: false);
            }

            var count = Math.Min(buffer.Length, _plain.Length - _held);
            buffer[..count].CopyTo(_plain.AsSpan(_held));
            buffer = buffer[count..];
            _held += count;
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Task.Run(() => Write(buffer.Span), cancellationToken);

    /// <summary>Writes the last chunk; returns the SHA-256 of the plain bytes, lower-case hexadecimal.</summary>
    internal string Finish()
    {
        Seal(last: true);
        return Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // What is held is part of a chunk; Finish writes it.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CryptographicOperations.ZeroMemory(_plain);
            _sealer.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Seal(bool last)
    {
        _sealer.Seal(_chunk, last, _plain.AsSpan(0, _held), _sealed);
        _target.Write(_sealed, 0, _held + SealedLayout.TagLength);
        _chunk++;
        _held = 0;
    }
}
