using System.IO.Pipelines;

namespace EtcdDr.Engine.Snapshots.Places.Directories;

/// <summary>A file of a snapshot for a place that takes whole streams: what is written comes out of a pipe at the other end.</summary>
internal sealed class PipedDraftStream : DraftStream
{
    private const int Held = 4 * 1024 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: Held, resumeWriterThreshold: Held / 2));
    private readonly Func<Task> _remove;
    private readonly CancellationTokenSource _stop;
    private readonly Task _sending;
    private long _length;
    private bool _finished;
    private bool _disposed;

    /// <summary>Begins to send.</summary>
    /// <param name="send">Sends a stream to the file until it ends.</param>
    /// <param name="remove">Removes the file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public PipedDraftStream(Func<Stream, CancellationToken, Task> send, Func<Task> remove, CancellationToken cancellationToken)
    {
        _remove = remove;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _sending = Task.Run(() => SendAsync(send), CancellationToken.None);
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => WriteAsync(buffer.ToArray()).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Where nobody reads any more, sending has failed, and says why.
        if ((await _pipe.Writer.WriteAsync(buffer, cancellationToken)).IsCompleted)
        {
            await _sending;
        }

        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _pipe.Writer.CompleteAsync();
        await _sending.WaitAsync(cancellationToken);
        _finished = true;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_finished)
        {
            await _stop.CancelAsync();
            await _pipe.Writer.CompleteAsync(new OperationCanceledException());
            await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _remove();
        }

        _stop.Dispose();
        await base.DisposeAsync();
    }

    private async Task SendAsync(Func<Stream, CancellationToken, Task> send)
    {
        try
        {
            await using var content = _pipe.Reader.AsStream(leaveOpen: true);
            await send(content, _stop.Token);
        }
        finally
        {
            await _pipe.Reader.CompleteAsync();
        }
    }
}
