using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// Passes TCP connections on to another address and holds every byte for a while, as a long way does. It takes only so much at once as a
/// socket's window on such a way would (16 MiB), so that a sender feels the way's length and not an endless buffer. It ends TCP on both
/// sides: slow starts and losses of a real long way are not in it.
/// </summary>
internal sealed class DelayingRelay : IAsyncDisposable
{
    private const int PieceSize = 64 * 1024;
    private const int PiecesUnderWay = 256;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _address;
    private readonly int _port;
    private readonly TimeSpan _delay;
    private readonly Task _accepting;

    /// <summary>Listens on a port of loopback.</summary>
    /// <param name="address">Where connections are passed to.</param>
    /// <param name="port">The port there.</param>
    /// <param name="delay">How long a byte is on its way, in each direction.</param>
    public DelayingRelay(string address, int port, TimeSpan delay)
    {
        (_address, _port, _delay) = (address, port, delay);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync(_stop.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var near = client;
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(_address, _port, _stop.Token);
            await Task.WhenAll(PassAsync(near, far), PassAsync(far, near));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: closing both tells the other.
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var underWay = Channel.CreateBounded<(long Due, byte[] Piece)>(PiecesUnderWay);
        var delivering = DeliverAsync(underWay.Reader, to);
        var buffer = new byte[PieceSize];
        int count;
        while ((count = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            await underWay.Writer.WriteAsync((Environment.TickCount64 + (long)_delay.TotalMilliseconds, buffer[..count]), _stop.Token);
        }

        underWay.Writer.Complete();
        await delivering;
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task DeliverAsync(ChannelReader<(long Due, byte[] Piece)> underWay, Socket to)
    {
        await foreach (var (due, piece) in underWay.ReadAllAsync(_stop.Token))
        {
            var left = due - Environment.TickCount64;
            if (left > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(left), _stop.Token);
            }

            for (var sent = 0; sent < piece.Length; )
            {
                sent += await to.SendAsync(piece.AsMemory(sent), _stop.Token);
            }
        }
    }
}
