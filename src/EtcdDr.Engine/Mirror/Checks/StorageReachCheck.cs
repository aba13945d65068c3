using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Nodes of the secondary reach the NFS servers and iSCSI portals of the primary's volumes.</summary>
internal sealed class StorageReachCheck : IMirrorCheck
{
    public string Name => "NfsReach";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Of("persistentvolumes") is null)
        {
            return [MirrorFinding.Information("The primary's volumes are not known.")];
        }

        var servers = StorageServers.Of(primary).ToList();
        if (servers.Count == 0)
        {
            return [MirrorFinding.Pass("No volume of the primary names a storage server.")];
        }

        var findings = secondary
            .Probed.SelectMany(n => servers.Where(n.Probe!.Reach.ContainsKey).Select(s => (Node: n, Server: s, Reached: n.Probe!.Reach[s])))
            .Where(r => r.Reached != Reach.Connects)
            .Select(r => Finding(r.Node, r.Server, r.Reached));
        return MirrorFinding.OrPass(findings, secondary.Probed.Any(), $"Every node that answers reaches {string.Join(", ", servers)}.");
    }

    private static MirrorFinding Finding(SiteNode node, string server, Reach reached) =>
        (
            reached == Reach.Unknown
                ? MirrorFinding.Information($"Node '{node.Name}' has no program to try {server} with.")
                : MirrorFinding.Fail(
                    $"Node '{node.Name}' cannot connect to {server}, which volumes of the primary are on.",
                    "Open the way there, or give the secondary a replica under that name."
                )
        ) with
        {
            Node = node.Name,
            Primary = server,
        };
}
