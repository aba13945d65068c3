using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror;

/// <summary>NFS servers (in-tree and by CSI) and iSCSI portals that a site's volumes and pods name.</summary>
internal static class StorageServers
{
    private const int Nfs = 2049;
    private const int Iscsi = 3260;

    /// <summary>Hosts and ports; empty where volumes are not known.</summary>
    public static IEnumerable<string> Of(SiteFacts site)
    {
        var volumes = (site.Of("persistentvolumes") ?? [])
            .Select(v => v["spec"])
            .Concat((site.Of("pods") ?? []).SelectMany(p => (p["spec"]?["volumes"] as JsonArray) ?? []));
        return volumes.SelectMany(Portals).Distinct(StringComparer.Ordinal);
    }

    /// <summary>The same of a site that is still being read.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(Task<SiteFacts> site) => [.. Of(await site)];

    private static IEnumerable<string> Portals(JsonNode? volume)
    {
        if (InventoryRules.Text(volume?["nfs"]?["server"]) is { } server)
        {
            yield return $"{server}:{Nfs}";
        }

        // The NFS driver of kubernetes-csi (nfs.csi.k8s.io) and its kin name the server of each volume so.
        var driver = InventoryRules.Text(volume?["csi"]?["driver"]);
        if (
            driver?.Contains("nfs", StringComparison.OrdinalIgnoreCase) == true
            && InventoryRules.Text(volume?["csi"]?["volumeAttributes"]?["server"]) is { } behind
        )
        {
            yield return $"{behind}:{Nfs}";
        }

        if (InventoryRules.Text(volume?["iscsi"]?["targetPortal"]) is { } portal)
        {
            yield return portal.Contains(':', StringComparison.Ordinal) ? portal : $"{portal}:{Iscsi}";
        }

        foreach (var further in (volume?["iscsi"]?["portals"] as JsonArray ?? []).Select(InventoryRules.Text).OfType<string>())
        {
            yield return further.Contains(':', StringComparison.Ordinal) ? further : $"{further}:{Iscsi}";
        }
    }
}
