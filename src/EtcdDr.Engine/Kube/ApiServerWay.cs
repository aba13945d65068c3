using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Kube;

/// <summary>Opens a way to the apiserver of one node, past the front end.</summary>
internal static class ApiServerWay
{
    /// <summary>Forwards a loopback port to the apiserver as its own node sees it.</summary>
    /// <param name="host">The node.</param>
    /// <param name="apiServer">Its manifest; null for kubeadm's defaults.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    public static Task<IForwardedPort> OpenAsync(IRemoteHost host, ApiServerConfiguration? apiServer, CancellationToken cancellationToken)
    {
        var bind = apiServer?.BindAddress;
        var address = bind is null or "0.0.0.0" or "::" ? apiServer?.AdvertiseAddress ?? "127.0.0.1" : bind;
        return host.ForwardAsync(address, apiServer?.SecurePort ?? 6443, cancellationToken);
    }

    /// <summary>A route for <see cref="KubeApi.ConnectByRoutesAsync"/> that opens this way when it is needed, over a new connection to the
    /// node where the last one broke.</summary>
    /// <param name="session">Connects to the node.</param>
    /// <param name="node">The node.</param>
    /// <param name="apiServer">Its manifest; null for kubeadm's defaults.</param>
    public static KubeRoute Route(ClusterSession session, ClusterNode node, ApiServerConfiguration? apiServer) =>
        new(async cancellationToken =>
        {
            try
            {
                return await OpenAsync(await session.HostAsync(node, cancellationToken), apiServer, cancellationToken);
            }
            catch (EtcdDrException)
            {
                await session.ForgetAsync(node);
                throw;
            }
        });
}
