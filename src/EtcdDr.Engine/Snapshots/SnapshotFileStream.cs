using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots;

/// <summary>
/// Writes a file of a snapshot and computes its SHA-256 as the bytes pass. Failures of the file system are errors of the catalogue that
/// name the place, so that they reach the operator whole through whatever is copying. Long files are sent to the disk while they are still
/// coming, so that the end need not wait for all of it.
/// </summary>
internal sealed class SnapshotFileStream : Stream
{
    /// <summary>How many bytes may lie in the system's cache before they are sent to the disk.</summary>
    private const long FlushEvery = 64 * 1024 * 1024;

    private readonly FileStream _file;
    private readonly IncrementalHash? _hash;
    private readonly string _place;
    private Task _flushing = Task.CompletedTask;
    private long _flushed;
    private long _length;

    /// <summary>Opens the file anew.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="hashing">Whether to hash; false where the source tells the hash.</param>
    public SnapshotFileStream(string path, bool hashing)
    {
        _place = path;
        _file = Guarded(() => PosixFiles.OpenWrite(path, FileMode.CreateNew));
        _hash = hashing ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Brings everything to the disk; returns the SHA-256 of what was written, in lower-case hexadecimal, if it was
    /// hashed.</summary>
    public async Task<string?> FinishAsync()
    {
        await _flushing;
        await Task.Run(() =>
            Guarded(() =>
            {
                _file.Flush(flushToDisk: true);
                return true;
            })
        );
        return _hash is null ? null : Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, buffer, _length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, _place);
        }

        _hash?.AppendData(buffer);
        _length += buffer.Length;
        FlushInBackground();
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Task.Run(() => Write(buffer.Span), cancellationToken);

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back here; FinishAsync brings it to the disk.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await ((Task)_flushing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _file.DisposeAsync();
        _hash?.Dispose();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void FlushInBackground()
    {
        if (_length - _flushed < FlushEvery || !_flushing.IsCompletedSuccessfully)
        {
            return;
        }

        _flushed = _length;
        _flushing = Task.Run(() =>
            Guarded(() =>
            {
                RandomAccess.FlushToDisk(_file.SafeFileHandle);
                return true;
            })
        );
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Writing(exception, _place);
        }
    }
}
