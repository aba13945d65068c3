using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Fakes;

/// <summary>Gives hosts that a test prepared, by name; a name that it does not know cannot be reached.</summary>
internal sealed class LocalHostFactory(params LocalHost[] hosts) : IRemoteHostFactory
{
    public Task<IRemoteHost> ConnectAsync(
        string name,
        string address,
        SshSettings settings,
        OperationContext context,
        CancellationToken cancellationToken
    ) =>
        hosts.FirstOrDefault(h => h.Name == name) is { } host
            ? Task.FromResult<IRemoteHost>(host)
            : throw new EtcdDrException(
                "HostUnreachable",
                EtcdDrErrorCategory.ConnectionError,
                $"Host {name} ({address}) does not answer.",
                "Check the network.",
                name
            );
}
