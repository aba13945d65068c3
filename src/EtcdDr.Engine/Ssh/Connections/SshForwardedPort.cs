using EtcdDr.Engine.Operations;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>A forwarded loopback port of SSH.NET.</summary>
internal sealed class SshForwardedPort : IForwardedPort
{
    private readonly SshConnection _connection;
    private readonly ForwardedPortLocal _port;

    private SshForwardedPort(SshConnection connection, ForwardedPortLocal port)
    {
        _connection = connection;
        _port = port;
    }

    /// <inheritdoc/>
    public int Port => (int)_port.BoundPort;

    /// <summary>Opens a port of 127.0.0.1 that the system chooses.</summary>
    public static async Task<SshForwardedPort> OpenAsync(SshConnection connection, string address, int remotePort, IOperationSink sink, CancellationToken cancellationToken)
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
            return new SshForwardedPort(connection, port);
        }
        catch (Exception e) when (e is SshException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            BlockedThreads.Release();
            port.Dispose();
            throw new EtcdDrException(
                "ConnectionLost",
                EtcdDrErrorCategory.ConnectionError,
                Errors.ConnectionLost_Forward.With(host, address, remotePort, e.Message),
                Errors.ConnectionLost_Forward_Action,
                host,
                e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Stopping waits for the connections that pass it.
        await Task.Run(() =>
        {
            if (_connection.IsConnected)
                _connection.Client.RemoveForwardedPort(_port);

            _port.Dispose();
        });
        BlockedThreads.Release();
    }
}
