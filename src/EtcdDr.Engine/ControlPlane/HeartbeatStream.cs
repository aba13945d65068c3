using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>A stream that gives one byte at once and one every ten seconds until it is ended; what a held lock lives on.</summary>
internal sealed class HeartbeatStream : ReadOnlyStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _ended = new();
    private readonly TimeProvider _time;
    private bool _started;

    public HeartbeatStream(TimeProvider time) => _time = time;

    /// <summary>Ends the stream: its reader sees the end of the file.</summary>
    public Task EndAsync() => _ended.CancelAsync();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_started && !await WaitForBeatAsync(cancellationToken))
        {
            return 0;
        }

        _started = true;
        buffer.Span[0] = (byte)'x';
        return 1;
    }

    public override int Read(Span<byte> buffer)
    {
        var one = new byte[1];
        var count = ReadAsync(one).AsTask().GetAwaiter().GetResult();
        one.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ended.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<bool> WaitForBeatAsync(CancellationToken cancellationToken)
    {
        if (_ended.IsCancellationRequested)
        {
            return false;
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, cancellationToken);
        try
        {
            await Task.Delay(Beat, _time, both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
