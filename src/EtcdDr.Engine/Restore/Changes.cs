using System.Threading.Channels;

namespace EtcdDr.Engine.Restore;

/// <summary>Tells one waiter that something has changed.</summary>
/// <param name="time">The clock.</param>
internal sealed class Changes(TimeProvider time)
{
    // Changes come in crowds; one look is for all of a moment.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly Channel<bool> _told = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>Something has changed. May be called from anywhere.</summary>
    public void Tell() => _told.Writer.TryWrite(true);

    /// <summary>Waits for a change since the last one.</summary>
    /// <param name="limit">How long at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task NextAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = _told.Reader.WaitToReadAsync(over.Token).AsTask();
        try
        {
            await waiting.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await over.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await Task.Delay(Moment < limit ? Moment : limit, time, cancellationToken);
        _told.Reader.TryRead(out _);
    }
}
