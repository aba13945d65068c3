using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Connections;

namespace EtcdDr.Engine.Ssh;

/// <summary>
/// Connects to hosts over SSH. Host keys are checked against known_hosts, never trusted on first sight. Jump hosts, keys and names come
/// from the settings, then from OpenSSH's client configuration.
/// </summary>
public sealed class SshHostFactory : IRemoteHostFactory
{
    /// <inheritdoc/>
    public async Task<IRemoteHost> ConnectAsync(
        string name,
        string address,
        SshSettings settings,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(context);
        var target = SshTargetResolver.Resolve(name, address, settings, context.Sink);
        return new SshHost(await SshConnection.OpenAsync(target, context, cancellationToken), context);
    }
}
