using EtcdDr.Engine.Clusters;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Brings archives of what makes a node a control-plane node: certificates, manifests, kubelet and network
/// configuration.</summary>
internal static class SnapshotArchives
{
    private static readonly (string Name, string[] Paths)[] Archives =
    [
        ("etc-kubernetes", ["etc/kubernetes"]),
        ("kubelet", ["var/lib/kubelet/config.yaml", "var/lib/kubelet/kubeadm-flags.env"]),
        ("cni", ["etc/cni"]),
    ];

    /// <summary>Writes a node's archives, all at once.</summary>
    public static Task WriteAsync(ClusterSession session, ClusterNode node, SnapshotWriter writer, CancellationToken cancellationToken) =>
        Task.WhenAll(Archives.Select(a => WriteAsync(session, node, a.Name, a.Paths, writer, cancellationToken)));

    private static async Task WriteAsync(
        ClusterSession session,
        ClusterNode node,
        string name,
        string[] paths,
        SnapshotWriter writer,
        CancellationToken cancellationToken
    )
    {
        var host = await session.HostAsync(node, cancellationToken);
        await writer.WriteAsync(
            $"nodes/{node.Name}/{name}.tar.gz",
            async stream =>
            {
                var result = await host.ReadAsync(SnapshotCommands.Archive.With(["/", .. paths]), stream, cancellationToken);
                if (result.ExitStatus == SnapshotCommands.Changed)
                {
                    session.Context.Sink.Warning(
                        $"Something in {string.Join(", ", paths.Select(p => "/" + p))} on node {node.Name} changed while it was archived."
                    );
                }

                return result.ExitStatus != SnapshotCommands.NothingThere;
            },
            cancellationToken
        );
    }
}
