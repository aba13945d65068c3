using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Nodes of the secondary reach the NFS servers and iSCSI portals of the primary's volumes.</summary>
internal sealed class NfsCheck : IMirrorCheck
{
    public string Name => "NfsReach";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Of("persistentvolumes") is null)
        {
            return [MirrorFinding.Information("The primary's volumes are not known.")];
        }

        var findings = secondary.Probed.SelectMany(n => n.Probe!.Reach.Where(r => IsNfs(r.Key)).Select(r => (Node: n, Server: r.Key, Reached: r.Value)))
            .Where(r => r.Reached != true)
            .Select(r => (r.Reached is null
                ? MirrorFinding.Information($"Node '{r.Node.Name}' has no program to try {r.Server} with.")
                : MirrorFinding.Fail($"Node '{r.Node.Name}' cannot connect to {r.Server}, which volumes of the primary are on.", "Open the way there, or give the secondary a replica under that name.")) with { Node = r.Node.Name });
        return MirrorFinding.OrPass(findings, secondary.Probed.Any(), "Every storage server that volumes name is reached from every node that answers.");
    }

    /// <summary>Storage servers of a site's volumes and pods, host and port.</summary>
    public static IEnumerable<string> Servers(SiteFacts site)
    {
        var volumes = (site.Of("persistentvolumes") ?? []).Select(v => v["spec"])
            .Concat((site.Of("pods") ?? []).SelectMany(p => (p["spec"]?["volumes"] as JsonArray) ?? []));
        return volumes.SelectMany(Portals).Distinct(StringComparer.Ordinal);
    }

    /// <summary>Whether a host and port are a storage server's.</summary>
    public static bool IsNfs(string server) => server.EndsWith(":2049", StringComparison.Ordinal) || server.EndsWith(":3260", StringComparison.Ordinal);

    private static IEnumerable<string> Portals(JsonNode? volume)
    {
        if (InventoryRules.Text(volume?["nfs"]?["server"]) is { } server)
        {
            yield return $"{server}:2049";
        }

        if (InventoryRules.Text(volume?["iscsi"]?["targetPortal"]) is { } portal)
        {
            yield return portal.Contains(':', StringComparison.Ordinal) ? portal : $"{portal}:3260";
        }
    }
}
