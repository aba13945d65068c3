using System.Threading.Channels;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// A stream whose bytes are made ahead of their reader, by tasks of their own, in pieces and in their order; a few pieces at most are under
/// way.
/// </summary>
internal abstract class PieceStream : ReadingStream
{
    private readonly Channel<Task<ReadOnlyMemory<byte>>> _pieces;
    private readonly CancellationTokenSource _stop = new();
    private Task? _making;
    private ReadOnlyMemory<byte> _piece;
    private ReadOnlyMemory<byte> _rest;

    /// <summary>Creates a stream.</summary>
    /// <param name="underWay">How many pieces may wait for the reader.</param>
    protected PieceStream(int underWay) =>
        _pieces = Channel.CreateBounded<Task<ReadOnlyMemory<byte>>>(
            new BoundedChannelOptions(underWay) { SingleReader = true, SingleWriter = true }
        );

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _making ??= Task.Run(MakeAllAsync, CancellationToken.None);
        while (_rest.IsEmpty)
        {
            if (!_piece.IsEmpty)
            {
                Spent(_piece);
                _piece = default;
            }

            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }

            if (_pieces.Reader.TryRead(out var piece))
            {
                _piece = _rest = await piece.WaitAsync(cancellationToken);
            }
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await EndAsync();
        await base.DisposeAsync();
    }

    /// <summary>Makes pieces, each handed to <paramref name="give"/>, until there are no more.</summary>
    protected abstract Task MakeAsync(Func<Task<ReadOnlyMemory<byte>>, ValueTask> give, CancellationToken cancellationToken);

    /// <summary>Told of a piece that the reader has taken all of.</summary>
    protected virtual void Spent(ReadOnlyMemory<byte> piece) { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            EndAsync().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }

    private async Task EndAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        if (_making is not null)
        {
            await _making.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Nobody waits for these any more; their failures are no news.
        while (_pieces.Reader.TryRead(out var piece))
        {
            await ((Task)piece).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private async Task MakeAllAsync()
    {
        try
        {
            await MakeAsync(piece => _pieces.Writer.WriteAsync(piece, _stop.Token), _stop.Token);
            _pieces.Writer.Complete();
        }
        catch (Exception e)
        {
            // The reader is given it in its turn, after the pieces that came before.
            _pieces.Writer.Complete(e);
        }
    }
}
