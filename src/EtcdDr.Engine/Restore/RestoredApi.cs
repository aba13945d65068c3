using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The API of a state that was restored. It may know nothing of the kubeconfig's user: a service account or a role that was made after the
/// backup, or that only this site has. Then the administrator's kubeconfig that kubeadm left on the nodes takes over, whose certificate is
/// of the cluster's own authority.
/// </summary>
internal static class RestoredApi
{
    // What everything that follows needs; /readyz and the like are allowed to everybody.
    private const string Asked = "/apis/apps/v1/daemonsets?limit=1";

    // The second is bound to no role of the stored state; kubeadm leaves it on the first node.
    private static readonly string[] Files = ["/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"];

    // A file of a node must name no program and no file of this machine.
    private static readonly string[] Harmless = ["client-certificate-data", "client-key-data", "token"];

    /// <summary>Connects through whatever apiserver answers.</summary>
    /// <param name="session">The cluster.</param>
    /// <param name="nodes">Nodes whose apiservers are started.</param>
    /// <param name="tell">Told whose credentials are used in place of the kubeconfig's.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException">What is the matter with the kubeconfig of the profile, where nothing else is accepted.</exception>
    public static async Task<KubeApi> ConnectAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        Action<string> tell,
        CancellationToken cancellationToken
    )
    {
        EtcdDrException refusal;
        KubeApi? own = null;
        try
        {
            own = await KubeApi.ConnectByRoutesAsync(session.Cluster, Routes(session, nodes), cancellationToken);
            if (await RefusalAsync(own, cancellationToken) is not { } refused)
            {
                return own;
            }

            refusal = refused;
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeCredentialFailed")
        {
            refusal = e;
        }

        if (await OfNodesAsync(session, nodes, refusal, tell, cancellationToken) is not { } administrator)
        {
            // Each step names the refusal then, and the end of the restore with it.
            return own ?? throw refusal;
        }

        if (own is not null)
        {
            await own.DisposeAsync();
        }

        return administrator;
    }

    /// <summary>The current context of a kubeconfig of a node.</summary>
    /// <param name="path">Where it is from, for messages.</param>
    /// <param name="text">The file.</param>
    /// <returns>Null where it names anything outside itself.</returns>
    /// <exception cref="EtcdDrException">It is no kubeconfig.</exception>
    internal static KubeconfigContext? ContextOf(string path, string text)
    {
        var context = Kubeconfig.Parse(path, text).Context(null);
        var harmless =
            context.ClusterEntry?["certificate-authority"] is null
            && context.UserEntry is { Kind: YamlKind.Mapping } user
            && user.Entries.All(e => Harmless.Contains(e.Key, StringComparer.Ordinal));
        return harmless ? context : null;
    }

    private static List<KubeRoute> Routes(ClusterSession session, IReadOnlyList<ControlPlaneNode> nodes) =>
        [.. nodes.Select(n => ApiServerWay.Route(session, n.Node, n.Manifests.ApiServer))];

    // No answer at all is none; the steps ask again.
    private static async Task<EtcdDrException?> RefusalAsync(KubeApi api, CancellationToken cancellationToken)
    {
        try
        {
            await api.GetAsync(Asked, cancellationToken);
            return null;
        }
        catch (EtcdDrException e)
        {
            return e.ErrorId is "KubeApiUnauthorized" or "KubeApiForbidden" ? e : null;
        }
    }

    private static async Task<KubeApi?> OfNodesAsync(
        ClusterSession session,
        IReadOnlyList<ControlPlaneNode> nodes,
        EtcdDrException refusal,
        Action<string> tell,
        CancellationToken cancellationToken
    )
    {
        foreach (var (file, node) in Files.SelectMany(f => nodes.Select(n => (f, n))))
        {
            var place = $"{node.Name}:{file}";
            try
            {
                var host = await session.HostAsync(node.Node, cancellationToken);
                var text = await host.RunAsync(NodeFileCommands.ReadFile.With(file), cancellationToken);
                if (ContextOf(place, text.Text) is not { } context)
                {
                    session.Context.Sink.Verbose($"{place} names files or programs; it is not used.");
                    continue;
                }

                var api = await KubeApi.ConnectByContextAsync(context, null, Routes(session, nodes), cancellationToken);
                if (await RefusalAsync(api, cancellationToken) is { } refused)
                {
                    session.Context.Sink.Verbose($"{place} is not accepted either: {refused.Message}");
                    await api.DisposeAsync();
                    continue;
                }

                tell(
                    $"What cluster '{session.Cluster.Name}' serves now does not accept the credentials of {session.Cluster.Kubeconfig}: "
                        + $"{refusal.Message} This operation goes on with {place}; have that user, or its roles, made anew."
                );
                return api;
            }
            catch (EtcdDrException e)
            {
                session.Context.Sink.Verbose($"{place} cannot be used: {e.Message}");
            }
        }

        return null;
    }
}
