namespace EtcdDr.Engine.Ssh;

/// <summary>Connects to hosts.</summary>
public interface IRemoteHostFactory
{
    /// <summary>
    /// Connects and authenticates. Throws <see cref="EtcdDrException"/>: <c>HostKeyUnknown</c>, <c>HostKeyChanged</c>,
    /// <c>HostKeyRevoked</c>, <c>SshAuthenticationFailed</c>, <c>KeyFileNotFound</c>, <c>KeyPassphraseRequired</c>, <c>KeyFileInvalid</c>,
    /// <c>HostUnreachable</c>.
    /// </summary>
    /// <param name="name">The node's or host's name for messages.</param>
    /// <param name="address">What to connect to: a host name, an alias of the SSH configuration, or an IP.</param>
    /// <param name="settings">How.</param>
    /// <param name="context">Receives messages and the record of each command.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    Task<IRemoteHost> ConnectAsync(
        string name,
        string address,
        SshSettings settings,
        Operations.OperationContext context,
        CancellationToken cancellationToken
    );
}
