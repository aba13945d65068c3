using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The API of a state that was restored. It may know nothing of the kubeconfig's user, or of that user's roles: a service account or a role
/// that was made after the backup, or that only this site has. Then the administrators that kubeadm left on the nodes take over, whose
/// certificates are of the cluster's own authority.
/// </summary>
internal static class RestoredApi
{
    /// <summary>Connects through whatever apiserver answers: a request that one does not answer in time is asked of the next, over a new
    /// connection where the last one broke, and one that is refused to the kubeconfig's user is asked by the nodes' own.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodes">Nodes whose apiservers are started.</param>
    /// <param name="tell">Told whose credentials are used in place of the kubeconfig's, and that nobody's are.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException">What is the matter with the kubeconfig of the profile, where nobody stands in.</exception>
    public static async Task<KubeApi> ConnectAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        Action<string> tell,
        CancellationToken cancellationToken
    )
    {
        List<KubeRoute> routes = [.. nodes.Select(n => ApiServerWay.Route(session, n.Node, n.Manifests.ApiServer))];
        List<ClusterNode> hosts = [.. nodes.Select(n => n.Node)];
        var standIns = new KubeStandIns(ct => NodeAdministrators.FindAsync(session, hosts, ct), tell);
        try
        {
            return await KubeApi.ConnectByRoutesAsync(session.Cluster, routes, cancellationToken, standIns: standIns);
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeCredentialFailed")
        {
            // A plug-in or the provider of a token may be what was lost; without credentials the API refuses, and the nodes' own take over.
            session.Context.Sink.Verbose($"The API is asked without the kubeconfig's credentials: {e.Message}");
            var context = Kubeconfig.Load(session.Cluster.Kubeconfig).Context(session.Cluster.Context) with { UserEntry = null };
            return await KubeApi.ConnectByContextAsync(
                context,
                session.Cluster.ServerAddress,
                routes,
                cancellationToken,
                standIns: standIns
            );
        }
    }
}
