namespace EtcdDr.Engine.Ssh;

/// <summary>
/// A host that commands run on. One implementation speaks SSH; tests have others. All methods may be called at the same time from several
/// tasks. Failures are <see cref="EtcdDrException"/>: <c>RemoteCommandFailed</c> (the script ended with a status that is not accepted),
/// <c>RemoteCommandTimeout</c>, <c>ConnectionLost</c>, <c>SudoPasswordRequired</c> and the like. Cancellation ends the remote process where
/// the connection still stands.
/// </summary>
public interface IRemoteHost : IAsyncDisposable
{
    /// <summary>The node's or host's name, for messages.</summary>
    string Name { get; }

    /// <summary>The address that it is reached at.</summary>
    string Address { get; }

    /// <summary>Runs a command with optional standard input and returns all that it wrote (at most 64 MiB of standard output).</summary>
    Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken cancellationToken, ReadOnlyMemory<byte> standardInput = default);

    /// <summary>Runs a command and copies its standard output to <paramref name="destination"/> as it comes.</summary>
    Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken);

    /// <summary>Runs a command and feeds <paramref name="source"/> to its standard input until its end.</summary>
    Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a way from a loopback port of this machine to an address as the host sees it; closed on dispose. Connect with
    /// <see cref="IForwardedPort.Port"/>.
    /// </summary>
    Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken);

    /// <summary>Opens an SFTP session as the SSH user (not root).</summary>
    Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken);
}
