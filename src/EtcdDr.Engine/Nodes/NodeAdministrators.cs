using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Nodes;

/// <summary>
/// The administrators that kubeadm gives each control-plane node: they belong to the cluster itself, whatever state it serves.
/// </summary>
internal static class NodeAdministrators
{
    // super-admin.conf needs no role in the state that is served, and is there on kubeadm's first node only; so it comes last.
    private static readonly string[] Files = ["/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"];

    /// <summary>
    /// Reads them, as root and into memory only: of each file the nodes' own, in the order in which they are worth asking.
    /// </summary>
    /// <param name="session">Connects to the nodes.</param>
    /// <param name="nodes">Control-plane nodes; those that do not answer are passed over.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<IReadOnlyList<KubeUser>> FindAsync(
        ClusterSession session,
        IReadOnlyList<ClusterNode> nodes,
        CancellationToken cancellationToken
    )
    {
        var found = await Task.WhenAll(Files.SelectMany(file => nodes.Select(node => ReadAsync(session, node, file, cancellationToken))));
        return [.. found.OfType<KubeUser>()];
    }

    private static async Task<KubeUser?> ReadAsync(
        ClusterSession session,
        ClusterNode node,
        string file,
        CancellationToken cancellationToken
    )
    {
        var place = $"{node.Name}:{file}";
        try
        {
            var host = await session.HostAsync(node, cancellationToken);
            var read = await host.RunAsync(NodeFileCommands.ReadFile.With(file), cancellationToken);
            var user = KubeUser.Read(place, read.Text);
            if (user is null)
            {
                session.Context.Sink.Verbose($"{place} is no kubeconfig whose user is in the file itself; it is not used.");
            }

            return user;
        }
        catch (EtcdDrException e)
        {
            session.Context.Sink.Verbose($"{place} cannot be used: {e.Message}");
            return null;
        }
    }
}
