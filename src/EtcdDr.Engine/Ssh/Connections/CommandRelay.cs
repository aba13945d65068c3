using System.Net;
using System.Net.Sockets;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Commands;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// Does what a forwarded port does where the SSH server forwards nothing (<c>AllowTcpForwarding no</c>): each connection to the loopback
/// port is carried by a command on the host, as its user. It has an SSH connection of its own, since the server allows only ten commands on
/// each.
/// </summary>
internal sealed class CommandRelay : IForwardedPort
{
    private const int PipeCapacity = 4 * 1024 * 1024;

    private readonly SshConnection _connection;
    private readonly RemoteCommand _command;
    private readonly IOperationSink _sink;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private CommandRelay(SshConnection connection, RemoteCommand command, IOperationSink sink)
    {
        (_connection, _command, _sink) = (connection, command, sink);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <inheritdoc/>
    public int Port { get; }

    /// <summary>Opens a port of 127.0.0.1 that the system chooses.</summary>
    public static async Task<CommandRelay> OpenAsync(
        SshTarget target,
        string address,
        int port,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var connection = await SshConnection.OpenAsync(target, context, cancellationToken);
        return new CommandRelay(connection, SshCommands.Relay.With(address, $"{port}"), context.Sink);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task AcceptAsync()
    {
        var carried = new List<Task>();
        try
        {
            while (true)
            {
                carried.RemoveAll(task => task.IsCompleted);
                carried.Add(CarryAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(carried);
        }
    }

    // Ends with whichever side ends first. The command ends by itself when its channel is closed, as it reads its input to the end.
    private async Task CarryAsync(Socket client)
    {
        client.NoDelay = true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await using var local = new NetworkStream(client, ownsSocket: true);
        var pipe = new BoundedPipe(PipeCapacity);
        var copying = CopyAsync(pipe, local, over);
        try
        {
            using var execution = new RemoteExecution(
                _connection,
                _command,
                SudoMode.None,
                sudoPassword: null,
                inputStart: default,
                new LocalInput(local, over)
            );
            await execution.RunAsync(pipe, _ => Task.CompletedTask, over.Token);
        }
        catch (OperationCanceledException)
        {
            // This side has hung up.
        }
        catch (EtcdDrException e)
        {
            _sink.Verbose(
                $"A connection through {_connection.Target.Name} to {string.Join(':', _command.Arguments)} has ended: {e.Message}"
            );
        }
        finally
        {
            await pipe.DisposeAsync();
            await copying;
        }
    }

    private static async Task CopyAsync(BoundedPipe pipe, NetworkStream local, CancellationTokenSource over)
    {
        try
        {
            await pipe.CopyToAsync(local, over.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Whoever connected takes no more.
            await over.CancelAsync();
        }
        finally
        {
            pipe.Abandon();
        }
    }

    /// <summary>What comes from whoever connected; its end is the end of the connection.</summary>
    private sealed class LocalInput(NetworkStream local, CancellationTokenSource over) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await ReadOrEndAsync(buffer, cancellationToken);
            if (read == 0)
                await over.CancelAsync();

            return read;
        }

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        // A connection that is reset has ended, too.
        private async ValueTask<int> ReadOrEndAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await local.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }
}
