using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Fakes;

/// <summary>A host that is this machine: commands run by sh as the current user, forwards are direct or through a relay, files are
/// local.</summary>
internal sealed class LocalHost(string name, string address = "127.0.0.1") : IRemoteHost
{
    public string Name { get; } = name;

    public string Address { get; } = address;

    /// <summary>Changes commands before they run, for example to give them another directory.</summary>
    public Func<RemoteCommand, RemoteCommand> Rewrite { get; set; } = c => c;

    /// <summary>Changes what a forward leads to.</summary>
    public Func<IPEndPoint, IPEndPoint> Redirect { get; set; } = e => e;

    /// <summary>Bytes after which a forwarded connection is cut, counted from the host to this machine; null for never. Forces the
    /// relay.</summary>
    public long? CutAfter { get; set; }

    /// <summary>Names of the commands that were run.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<RemoteCommand> Commands { get; } = new();

    public bool Disposed { get; private set; }

    public async Task<CommandResult> RunAsync(
        RemoteCommand command,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> standardInput = default
    )
    {
        using var output = new MemoryStream();
        var result = await ExecuteAsync(
            command,
            standardInput.IsEmpty ? Stream.Null : new MemoryStream(standardInput.ToArray()),
            output,
            cancellationToken
        );
        return result with { StandardOutput = output.ToArray() };
    }

    public Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken) =>
        ExecuteAsync(command, Stream.Null, destination, cancellationToken);

    public Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken) =>
        ExecuteAsync(command, source, Stream.Null, cancellationToken);

    public Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken)
    {
        var target = Redirect(
            new IPEndPoint(remoteAddress == "localhost" ? IPAddress.Loopback : IPAddress.Parse(remoteAddress), remotePort)
        );
        IForwardedPort forward =
            CutAfter is null && target.Address.Equals(IPAddress.Loopback)
                ? new DirectPort(target.Port)
                : new RelayPort(target, CutAfter ?? long.MaxValue);
        return Task.FromResult(forward);
    }

    public Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken) => Task.FromResult<IRemoteFiles>(new LocalFiles());

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }

    private async Task<CommandResult> ExecuteAsync(RemoteCommand command, Stream input, Stream output, CancellationToken cancellationToken)
    {
        command = Rewrite(command);
        Commands.Enqueue(command);
        var start = new ProcessStartInfo("sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (IEnumerable<string>)["-c", command.Script, "sh", .. command.Arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(command.Timeout);
        using var process = Process.Start(start)!;
        try
        {
            var feeding = FeedAsync(process, input, limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
            await feeding;
            await process.WaitForExitAsync(limit.Token);
            return Judge(command, process.ExitCode, await errors);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdDrException(
                "RemoteCommandTimeout",
                EtcdDrErrorCategory.OperationTimeout,
                $"{command.Name} on {Name} took too long.",
                "Try again.",
                Name
            );
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private CommandResult Judge(RemoteCommand command, int status, string errors)
    {
        if (status != 0 && !command.AcceptedStatuses.Contains(status))
        {
            throw new EtcdDrException(
                "RemoteCommandFailed",
                EtcdDrErrorCategory.NotSpecified,
                $"{command.Name} on {Name} ended with status {status}: {errors.Trim()}",
                "Look at the command's message.",
                Name
            );
        }

        return new CommandResult(status, default, errors);
    }

    private static async Task FeedAsync(Process process, Stream input, CancellationToken cancellationToken)
    {
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading all of its input; its status tells whether that matters.
        }
    }

    private sealed class DirectPort(int port) : IForwardedPort
    {
        public int Port { get; } = port;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class RelayPort : IForwardedPort
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly IPEndPoint _target;
        private readonly Task _accepting;
        private long _left;

        public RelayPort(IPEndPoint target, long cutAfter)
        {
            _target = target;
            _left = cutAfter;
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _accepting = AcceptAsync();
        }

        public int Port { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var connections = new List<Task>();
            try
            {
                while (true)
                {
                    connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
                }
            }
            finally
            {
                await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task RelayAsync(TcpClient client)
        {
            using var ours = client;
            using var theirs = new TcpClient();
            await theirs.ConnectAsync(_target, _stop.Token);
            using var done = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var up = ours.GetStream().CopyToAsync(theirs.GetStream(), done.Token);
            var down = DownAsync(theirs.GetStream(), ours.GetStream(), done.Token);
            await Task.WhenAny(up, down);
            await done.CancelAsync();
        }

        private async Task DownAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0 && Interlocked.Add(ref _left, -read) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
    }
}
