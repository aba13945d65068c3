namespace EtcdDr.Engine.Snapshots.Places.Directories.Local;

/// <summary>
/// Writes a file of a snapshot on this machine. Failures of the file system are errors of the catalogue that name the place, so that they
/// reach the operator whole through whatever is copying. Long files are sent to the disk while they are still coming, so that the end need
/// not wait for all of it.
/// </summary>
internal sealed class LocalDraftStream : DraftStream
{
    /// <summary>How many bytes may lie in the system's cache before they are sent to the disk.</summary>
    private const long FlushEvery = 64 * 1024 * 1024;

    private readonly FileStream _file;
    private readonly string _place;
    private Task _flushing = Task.CompletedTask;
    private long _flushed;
    private long _length;
    private bool _finished;

    /// <summary>Opens the file anew.</summary>
    /// <param name="path">Absolute path.</param>
    public LocalDraftStream(string path)
    {
        _place = path;
        _file = Guarded(() => PosixFiles.OpenWrite(path, FileMode.CreateNew));
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _flushing;
        await Task.Run(
            () =>
                Guarded(() =>
                {
                    _file.Flush(flushToDisk: true);
                    return true;
                }),
            cancellationToken
        );
        _finished = true;
    }

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

        _length += buffer.Length;
        FlushInBackground();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await Task.Run(() => Write(buffer.Span), cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await ((Task)_flushing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            if (!_finished)
            {
                Guarded(() =>
                {
                    File.Delete(_place);
                    return true;
                });
            }

            _finished = true;
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
