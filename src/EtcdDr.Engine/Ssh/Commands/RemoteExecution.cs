using System.Diagnostics;
using System.Net.Sockets;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Connections;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>One run of a command on a connection: start, input, end, and what the end means.</summary>
internal sealed class RemoteExecution : IDisposable
{
    private const int InputChunk = 256 * 1024;

    // Beyond the limit that holds on the host: time for its SIGKILL and for the answer to come back.
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(CommandLine.KillDelaySeconds + 10);

    private readonly SshConnection _connection;
    private readonly RemoteCommand _command;
    private readonly CommandLine _line;
    private readonly StandardErrorStream _error;
    private readonly byte[]? _sudoPassword;
    private readonly Stream? _input;
    private readonly ReadOnlyMemory<byte> _inputStart;
    private TaggedOutput? _output;
    private bool _inputDelivered = true;
    private bool _begun;

    /// <summary>Prepares a run.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="command">The command.</param>
    /// <param name="sudo">How it becomes root.</param>
    /// <param name="sudoPassword">The password that sudo may ask for, as UTF-8.</param>
    /// <param name="inputStart">The first bytes of standard input.</param>
    /// <param name="input">The rest of it; null, with no first bytes either, for no input at all.</param>
    public RemoteExecution(
        SshConnection connection,
        RemoteCommand command,
        SudoMode sudo,
        byte[]? sudoPassword,
        ReadOnlyMemory<byte> inputStart,
        Stream? input
    )
    {
        _connection = connection;
        _command = command;
        _begun = sudo != SudoMode.WithPassword;
        _sudoPassword = sudo == SudoMode.WithPassword ? sudoPassword : null;
        _inputStart = inputStart;
        _input = input;
        _line = CommandLine.Build(command, sudo, hasInput: !inputStart.IsEmpty || input is not null);
        _error = new StandardErrorStream(sudo == SudoMode.WithPassword ? _line : null);
    }

    /// <summary>How long it ran.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Its exit status, once it has one.</summary>
    public int? ExitStatus { get; private set; }

    /// <summary>What the login shell wrote to standard output before the script began; empty for nothing.</summary>
    public string Foreword => _output?.Foreword ?? string.Empty;

    /// <summary>Runs the command. Returns when it has ended with an accepted status and throws otherwise.</summary>
    /// <param name="output">Takes standard output; closed when the command has ended.</param>
    /// <param name="endRemoteRun">
    /// Ends the run on the host, given its tag. Called before the channel is closed when the run is given up, because a closed channel
    /// looks to the script like the regular end of its input.
    /// </param>
    /// <param name="cancellationToken">Gives the run up.</param>
    public async Task<CommandResult> RunAsync(Stream output, Func<string, Task> endRemoteRun, CancellationToken cancellationToken)
    {
        _output = new TaggedOutput(output, _line.Tag);
        using var running = CreateCommand(_output);
        var clock = Stopwatch.StartNew();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_command.Timeout + AnswerGrace);
            await RunToEndAsync(running, endRemoteRun, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw CommandErrors.NoAnswer(_connection.Target.Name, _command);
        }
        catch (Exception e) when (e is SshException or SocketException or ObjectDisposedException)
        {
            throw CommandErrors.Broken(_connection.Target.Name, _command, e);
        }
        finally
        {
            Elapsed = clock.Elapsed;
            ExitStatus = running.ExitStatus;
        }

        return Judge(running.ExitSignal);
    }

    /// <inheritdoc/>
    public void Dispose() => _error.Dispose();

    private SshCommand CreateCommand(Stream output)
    {
        try
        {
            var command = _connection.Client.CreateCommand(_line.Text);
            SshNetInternals.RedirectOutput(command, output, _error);
            return command;
        }
        catch (Exception e) when (e is SshException or ObjectDisposedException)
        {
            throw CommandErrors.Broken(_connection.Target.Name, _command, e);
        }
    }

    private async Task RunToEndAsync(SshCommand running, Func<string, Task> endRemoteRun, CancellationToken cancellationToken)
    {
        // Opening the channel blocks until the server answers. The task is wrapped, lest awaiting the start should await the end.
        var start = Task.Run(() => new Running(running.ExecuteAsync(CancellationToken.None)), CancellationToken.None);
        var end = (await start.WaitAsync(cancellationToken)).End;
        using var feeding = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var feed = FeedAsync(running, end, feeding.Token);
        try
        {
            // A source that cannot be read ends the run; a feed that is done does not.
            await await Task.WhenAny(feed, end).WaitAsync(cancellationToken);
            await end.WaitAsync(cancellationToken);
        }
        catch when (_begun && !end.IsCompleted)
        {
            await endRemoteRun(_line.Tag);
            throw;
        }
        finally
        {
            await feeding.CancelAsync();
            await feed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FeedAsync(SshCommand running, Task end, CancellationToken cancellationToken)
    {
        if (_inputStart.IsEmpty && _input is null && _sudoPassword is null)
            return;

        _inputDelivered = _input is null;
        Stream channel;
        try
        {
            channel = running.CreateInputStream();
        }
        catch (InvalidOperationException)
        {
            return; // It has ended already; its status says why.
        }

        if (_sudoPassword is not null && !await PassSudoAsync(channel, end, cancellationToken))
            return;

        if (!_inputStart.IsEmpty)
            await SendAsync(channel, _inputStart, cancellationToken);

        await SendRestAsync(channel, cancellationToken);

        // Only here the script is told that its input is complete. One that ended before has not seen all of a stream.
        if (end.IsCompleted)
            return;

        try
        {
            await channel.DisposeAsync();
            _inputDelivered = true;
        }
        catch (InvalidOperationException)
        {
            return; // It ended in this very moment.
        }
    }

    // True once the script has begun, and standard input is its own; false if the run has ended before.
    private async Task<bool> PassSudoAsync(Stream channel, Task end, CancellationToken cancellationToken)
    {
        await Task.WhenAny(_error.Asked, end).WaitAsync(cancellationToken);
        if (!_error.Asked.IsCompleted)
            return false;

        if (await _error.Asked)
        {
            await SendAsync(channel, _sudoPassword, cancellationToken);
            await Task.WhenAny(_error.AskedAgain, end).WaitAsync(cancellationToken);
            if (!_error.AskedAgain.IsCompleted)
                return false;

            if (await _error.AskedAgain)
                throw CommandErrors.SudoPasswordRefused(_connection.Target.Name, _connection.Target.User);
        }

        return _begun = true;
    }

    private async Task SendRestAsync(Stream channel, CancellationToken cancellationToken)
    {
        if (_input is null)
            return;

        var buffer = LargeBuffers.Rent(InputChunk);
        int read;
        while ((read = await _input.ReadAsync(buffer.AsMemory(0, InputChunk), cancellationToken)) > 0)
            await SendAsync(channel, buffer.AsMemory(0, read), cancellationToken);

        // After a failure or a cancellation SSH.NET may still read from it; then it is left to the garbage collector. What was in it may be
        // a key.
        LargeBuffers.Return(buffer, clear: true);
    }

    // SSH.NET blocks while the host's window is shut, and if the command ends then it blocks on until its own time limit. Nobody waits for
    // that.
    private static Task SendAsync(Stream channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Task.Run(() => channel.Write(data.Span), CancellationToken.None).WaitAsync(cancellationToken);

    private CommandResult Judge(string? signal)
    {
        var host = _connection.Target.Name;
        var error = _error.Text.Replace(_line.Tag, "sh", StringComparison.Ordinal);
        var outOfTime = Elapsed >= _command.Timeout - TimeSpan.FromSeconds(0.5);
        if (ExitStatus is not { } status)
        {
            throw signal is null ? CommandErrors.Lost(host, _command)
            : outOfTime ? CommandErrors.TimedOut(host, _command)
            : CommandErrors.Killed(host, _command, signal);
        }

        if (!_output!.Begun || (status != 0 && !_command.AcceptedStatuses.Contains(status)))
        {
            // coreutils: 124 where SIGTERM ended it, 137 where SIGKILL had to.
            throw outOfTime && status is 124 or 137 ? CommandErrors.TimedOut(host, _command)
            : _output.Begun ? CommandErrors.Failed(host, _connection.Target.User, _command, status, error)
            : CommandErrors.NotBegun(
                host,
                _connection.Target.User,
                _command,
                status,
                Foreword,
                LoginShell.NameForeign(_line.Tag, _error.Text),
                error
            );
        }

        // A status of its own is the script's answer, whatever of its input it left.
        return _inputDelivered || status != 0
            ? new CommandResult(status, default, error)
            : throw CommandErrors.InputIgnored(host, _command);
    }

    private sealed record Running(Task End);
}
