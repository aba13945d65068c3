using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>A look at a node's etcd with its own etcdctl, independent of the module that is tested.</summary>
public static class NodeEtcd
{
    private const string Command = """
        export ETCDCTL_API=3 ETCDCTL_CACERT=/etc/kubernetes/pki/etcd/ca.crt
        export ETCDCTL_CERT=/etc/kubernetes/pki/etcd/healthcheck-client.crt ETCDCTL_KEY=/etc/kubernetes/pki/etcd/healthcheck-client.key
        /opt/lab/images/etcd/usr/local/bin/etcdctl --command-timeout 10s
        """;

    /// <summary>Runs etcdctl in a control-plane node against its own member.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public static Task<string> EtcdctlAsync(this LabNode node, string arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.RunAsync($"{Command.TrimEnd()} {arguments} 2>/dev/null", cancellationToken);
    }

    /// <summary>Cluster id, current revision, and HashKV at a revision (0: the current one).</summary>
    public static async Task<(string ClusterId, long Revision, long Hash)> HashAsync(
        this LabNode node,
        long revision = 0,
        CancellationToken cancellationToken = default
    )
    {
        var status = JsonNode.Parse(await node.EtcdctlAsync("endpoint status -w json", cancellationToken))!.AsArray()[0];
        var current = status.Number("Status", "header", "revision") ?? 0;
        revision = revision == 0 ? current : revision;
        var hash = JsonNode.Parse(await node.EtcdctlAsync($"endpoint hashkv --rev {revision} -w json", cancellationToken))!.AsArray()[0];
        return (
            status.Text("Status", "header", "cluster_id") ?? string.Empty,
            current,
            hash.Number("HashKV", "hash") ?? hash.Number("Hash", "hash") ?? -1
        );
    }

    /// <summary>Peer URLs of all members by name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> PeerUrlsAsync(
        this LabNode node,
        CancellationToken cancellationToken = default
    )
    {
        var list = JsonNode.Parse(await node.EtcdctlAsync("member list -w json", cancellationToken));
        return list.Items("members").ToDictionary(m => m.Text("name") ?? string.Empty, m => string.Join(',', m.Texts("peerURLs")));
    }
}
