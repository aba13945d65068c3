using System.Net;
using System.Net.Sockets;
using EtcdDr.Engine.Operations;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>A forwarded loopback port of SSH.NET.</summary>
internal sealed class SshForwardedPort : IForwardedPort
{
    // tcpmux, which no system has used for decades.
    private const int UnusedPort = 1;

    private static readonly TimeSpan TrialLimit = TimeSpan.FromSeconds(10);

    private readonly SshConnection _connection;
    private readonly ForwardedPortLocal _port;
    private readonly IOperationSink _sink;

    private SshForwardedPort(SshConnection connection, ForwardedPortLocal port, IOperationSink sink)
    {
        _connection = connection;
        _port = port;
        _sink = sink;
    }

    /// <inheritdoc/>
    public int Port => (int)_port.BoundPort;

    /// <summary>Opens a port of 127.0.0.1 that the system chooses.</summary>
    public static async Task<SshForwardedPort> OpenAsync(
        SshConnection connection,
        string address,
        int remotePort,
        IOperationSink sink,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var host = connection.Target.Name;
        var port = new ForwardedPortLocal("127.0.0.1", 0, address, (uint)remotePort);
        port.Exception += (_, e) => sink.Verbose($"Forwarding through {host} to {address}:{remotePort}: {e.Exception.Message}");
        try
        {
            BlockedThreads.Reserve();
            connection.Client.AddForwardedPort(port);
            await Task.Run(port.Start, CancellationToken.None);
            return new SshForwardedPort(connection, port, sink);
        }
        catch (Exception e) when (e is SshException or SocketException or ObjectDisposedException)
        {
            BlockedThreads.Release();
            port.Dispose();
            throw new EtcdDrException(
                "ConnectionLost",
                EtcdDrErrorCategory.ConnectionError,
                Errors.ConnectionLost_Forward.With(host, address, remotePort, e.Message),
                Errors.ConnectionLost_Forward_Action,
                host,
                e
            );
        }
    }

    /// <summary>
    /// Whether the server forwards nothing for this user. It is asked for a connection to a port of its own on which nothing listens, so
    /// nobody else hears of it.
    /// </summary>
    public static async Task<bool> IsRefusedAsync(SshConnection connection, IOperationSink sink, CancellationToken cancellationToken)
    {
        await using var trial = await OpenAsync(connection, "127.0.0.1", UnusedPort, sink, cancellationToken);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, trial.Port, cancellationToken);
        var closed = socket.ReceiveAsync(new byte[1], SocketFlags.None, cancellationToken).AsTask();

        // SSH.NET closes the socket once the server has answered; whoever listens there all the same has been forwarded to.
        var first = await Task.WhenAny(closed, connection.ForwardingRefused, Task.Delay(TrialLimit, cancellationToken));
        await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return connection.ForwardingRefused.IsCompleted;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Stopping waits for the connections that pass it.
        await Task.Run(Close);
        BlockedThreads.Release();
    }

    // The connection may have broken and been closed before: the node lost its power. Its ports are gone with it then.
    private void Close()
    {
        try
        {
            if (_connection.IsConnected)
                _connection.Client.RemoveForwardedPort(_port);
        }
        catch (Exception e) when (e is SshException or ObjectDisposedException)
        {
            _sink.Verbose($"A port that was forwarded through {_connection.Target.Name} closes after its connection: {e.Message}");
        }

        _port.Dispose();
    }
}
