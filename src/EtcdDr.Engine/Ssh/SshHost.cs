using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Commands;
using EtcdDr.Engine.Ssh.Connections;
using EtcdDr.Engine.Ssh.Files;
using EtcdDr.Engine.Ssh.Keys;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh;

/// <summary>A host over one SSH connection; files have a second one.</summary>
internal sealed class SshHost : IRemoteHost
{
    private const int OutputLimit = 64 * 1024 * 1024;
    private const int PipeCapacity = 4 * 1024 * 1024;

    // sshd allows ten at once by default (MaxSessions). Two stay free: one to end a run with, one for what else may come.
    private const int CommandsAtOnce = 8;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly SshConnection _connection;
    private readonly OperationContext _context;
    private readonly SemaphoreSlim _commands = new(CommandsAtOnce);
    private readonly byte[]? _sudoPassword;
    private readonly SemaphoreSlim _asking = new(1);
    private string? _foreword;
    private bool? _relays;
    private bool _disposed;

    /// <summary>Takes over a connection.</summary>
    public SshHost(SshConnection connection, OperationContext context)
    {
        _connection = connection;
        _context = context;
        _sudoPassword = connection.Target.SudoPassword is { } password ? Secrets.RevealLine(password) : null;
    }

    /// <inheritdoc/>
    public string Name => _connection.Target.Name;

    /// <inheritdoc/>
    public string Address => _connection.Target.Host;

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(
        RemoteCommand command,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> standardInput = default
    )
    {
        using var output = new CollectingStream(OutputLimit);
        var result = await ExecuteAsync(command, output, standardInput, input: null, cancellationToken);
        return output.Overflowed
            ? throw CommandErrors.OutputTooLarge(Name, command, OutputLimit)
            : result with
            {
                StandardOutput = output.Take(),
            };
    }

    /// <inheritdoc/>
    public async Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        await using var pipe = new BoundedPipe(PipeCapacity);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copy = CopyAsync(pipe, destination, stop);
        try
        {
            return await ExecuteAsync(command, pipe, default, input: null, stop.Token);
        }
        catch (OperationCanceledException) when (copy.IsFaulted)
        {
            await copy;
            throw;
        }
        finally
        {
            // The command is over: what is left in the pipe still goes to the destination, unless the run was given up.
            await pipe.DisposeAsync();
            if (!copy.IsFaulted)
                await copy;
        }
    }

    /// <inheritdoc/>
    public async Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);

        // SSH.NET does not tell a command that its input is over if there was none at all, so whether there is any must be known before.
        var start = new byte[64 * 1024];
        var length = await source.ReadAtLeastAsync(start, 1, throwOnEndOfStream: false, cancellationToken);
        using var output = new CollectingStream(OutputLimit);
        var result = await ExecuteAsync(command, output, start.AsMemory(0, length), length > 0 ? source : null, cancellationToken);
        return output.Overflowed
            ? throw CommandErrors.OutputTooLarge(Name, command, OutputLimit)
            : result with
            {
                StandardOutput = output.Take(),
            };
    }

    /// <inheritdoc/>
    public async Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken) =>
        await RelaysAsync(cancellationToken)
            ? await CommandRelay.OpenAsync(_connection.Target, remoteAddress, remotePort, _context, cancellationToken)
            : await SshForwardedPort.OpenAsync(_connection, remoteAddress, remotePort, _context.Sink, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new SshFiles(await SshConnection.OpenFilesAsync(_connection.Target, _context, cancellationToken));
        }
        catch (EtcdDrException e) when (e.ErrorId == "HostUnreachable")
        {
            // Login works, as this connection shows: what a login shell writes becomes part of SFTP where sshd starts that by the shell.
            throw await ForewordAsync(cancellationToken) is { Length: > 0 } said
                ? FileErrors.ShellSpeaks(Name, _connection.Target.User, said, e)
                : e;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;

        _disposed = true;
        await _connection.DisposeAsync();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_sudoPassword);
        _commands.Dispose();
        _asking.Dispose();
    }

    private static async Task CopyAsync(BoundedPipe pipe, Stream destination, CancellationTokenSource stop)
    {
        try
        {
            await pipe.CopyToAsync(destination, 256 * 1024, stop.Token);
        }
        catch
        {
            // A destination that takes no more ends the command.
            pipe.Abandon();
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task<CommandResult> ExecuteAsync(
        RemoteCommand command,
        Stream output,
        ReadOnlyMemory<byte> inputStart,
        Stream? input,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(command);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _commands.WaitAsync(cancellationToken);
        using var execution = new RemoteExecution(_connection, command, SudoFor(command), _sudoPassword, inputStart, input);
        var started = _context.Time.GetUtcNow();
        string? failure = null;
        try
        {
            var result = await execution.RunAsync(output, tag => EndAsync(command, tag), cancellationToken);
            failure = result.ExitStatus == 0 || command.OutputIsSecret ? null : FirstLine(result.StandardError);
            return result;
        }
        catch (Exception e)
        {
            failure = e is OperationCanceledException ? "cancelled" : FirstLine(e.Message);
            throw;
        }
        finally
        {
            _commands.Release();
            NoteForeword(execution.Foreword);
            _context.CommandLog?.Invoke(
                new RemoteCommandRecord(
                    started,
                    execution.Elapsed,
                    Name,
                    command.Name,
                    command.Arguments,
                    command.AsRoot,
                    execution.ExitStatus,
                    failure
                )
            );
        }
    }

    // Whether a command has to carry connections, because the server does not. Asked once.
    private async Task<bool> RelaysAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            return _relays ??=
                await SshForwardedPort.IsRefusedAsync(_connection, _context.Sink, cancellationToken)
                && await CanRelayAsync(cancellationToken);
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<bool> CanRelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(SshCommands.FindRelay, cancellationToken);
            _context.Sink.Verbose(
                $"The SSH server of {Name} forwards no connections (AllowTcpForwarding); commands of {_connection.Target.User} carry them."
            );
            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId == "RemoteCommandFailed")
        {
            throw ConnectErrors.ForwardingRefused(_connection.Target, e);
        }
    }

    private void NoteForeword(string foreword)
    {
        if (foreword.Length == 0 || _foreword is not null)
            return;

        _foreword = CommandErrors.Shown(foreword);
        _context.Sink.Verbose(
            $"The login shell of {_connection.Target.User} on {Name} writes to standard output before it runs a command; this is left "
                + $"out: {_foreword}"
        );
    }

    private async Task<string?> ForewordAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(SshCommands.Listen, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            _context.Sink.Verbose($"Whether the login shell on {Name} writes something cannot be seen: {e.Message}");
        }

        return _foreword;
    }

    private SudoMode SudoFor(RemoteCommand command) =>
        !command.AsRoot || _connection.Target.User == "root" ? SudoMode.None
        : _sudoPassword is null ? SudoMode.WithoutPassword
        : SudoMode.WithPassword;

    // A run that is given up must not go on behind our back. Where this fails, the host's own limit ends the run.
    private async Task EndAsync(RemoteCommand command, string tag)
    {
        if (!_connection.IsConnected)
            return;

        var half = tag.Length / 2;
        var end = SshCommands.EndRun.With(tag[..half], tag[half..]) with { AsRoot = command.AsRoot };
        using var execution = new RemoteExecution(_connection, end, SudoFor(end), _sudoPassword, default, input: null);
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await execution.RunAsync(Stream.Null, _ => Task.CompletedTask, limit.Token);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException or SshException)
        {
            _context.Sink.Verbose(
                $"The command {command.Name} on {Name} could not be ended and goes on there for at most {command.Timeout}: {e.Message}"
            );
        }
    }

    private static string? FirstLine(string text) => text.Split('\n', 2)[0].Trim() is { Length: > 0 } line ? line : null;
}
