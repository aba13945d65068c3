using EtcdDr.Lab.Nodes;

namespace EtcdDr.Lab.Faults;

/// <summary>What a node has, by which it is told later whether it still or again has just that: renaming keeps a directory's
/// inode.</summary>
/// <param name="Member">Inode of etcd's data.</param>
/// <param name="Keys">Sum of the service-account keys.</param>
/// <param name="Manifests">Sum of the control plane's manifests.</param>
internal sealed record NodeRecord(string Member, string Keys, string Manifests)
{
    private const string Script = """
        stat -c %i /var/lib/etcd/member
        cat /etc/kubernetes/pki/sa.key /etc/kubernetes/pki/sa.pub | sha256sum
        cd /etc/kubernetes/manifests && cat etcd.yaml kube-apiserver.yaml kube-controller-manager.yaml kube-scheduler.yaml | sha256sum
        """;

    public static async Task<NodeRecord> ReadAsync(LabNode node, CancellationToken cancellationToken)
    {
        var lines = (await node.RunAsync(Script, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new NodeRecord(lines[0], lines[1], lines[2]);
    }

    public static async Task<IReadOnlyDictionary<string, NodeRecord>> ReadAllAsync(LabCluster cluster, CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(
            cluster.ControlPlane.Select(async node => (node.Name, Record: await ReadAsync(node, cancellationToken)))
        );
        return read.ToDictionary(r => r.Name, r => r.Record, StringComparer.Ordinal);
    }
}
