using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Compares what a restored state claims of nodes with what the nodes say of themselves: pod networks and provider names are given to a
/// Node object once and kept, and a volume that another site attached is attached to nobody here. Pure.
/// </summary>
internal static class NodeClaims
{
    private const int Named = 5;

    /// <summary>What does not fit.</summary>
    /// <param name="nodes">Nodes of the restored state.</param>
    /// <param name="attachments">Its VolumeAttachments.</param>
    /// <param name="needsAttachment">Whether a PersistentVolume of the restored state is one that has to be attached.</param>
    /// <param name="live">What the nodes said of themselves, by name; those that did not answer are not in it.</param>
    public static IReadOnlyList<RestoreFinding> Judge(
        IReadOnlyCollection<JsonObject> nodes,
        IReadOnlyCollection<JsonObject> attachments,
        Func<string, bool> needsAttachment,
        IReadOnlyDictionary<string, NodeIdentity> live
    )
    {
        var findings = new List<RestoreFinding>();
        foreach (var node in nodes)
        {
            var name = InventoryRules.Text(node["metadata"]?["name"]) ?? string.Empty;
            if (live.TryGetValue(name, out var identity))
            {
                findings.AddRange(PodNetwork(name, node, identity));
                findings.AddRange(Provider(name, node, identity));
            }
        }

        foreach (var (name, identity) in live.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            findings.AddRange(Volumes(name, identity, attachments, needsAttachment));
        }

        return findings;
    }

    private static IEnumerable<RestoreFinding> PodNetwork(string name, JsonObject node, NodeIdentity identity)
    {
        var claimed = PodCidrs(node).ToList();
        var networks = claimed.Select(c => IPNetwork.TryParse(c, out var n) ? n : (IPNetwork?)null).OfType<IPNetwork>().ToList();
        var other = identity.PodNetworks.Where(own => !networks.Exists(n => n.Contains(own.BaseAddress))).ToList();
        if (networks.Count == 0 || other.Count == 0)
        {
            yield break;
        }

        yield return new RestoreFinding(
            "PodNetworks",
            name,
            $"The restored state gives node '{name}' the pod network {string.Join(", ", claimed)}, and its bridge is in "
                + $"{string.Join(", ", other)}: its pods have addresses that the rest of the cluster looks for elsewhere.",
            $"Let the network's pods and all other pods of node '{name}' start anew (kubectl drain and uncordon, or a reboot); what was "
                + "recycled has done so.",
            Blocks: false
        );
    }

    private static IEnumerable<RestoreFinding> Provider(string name, JsonObject node, NodeIdentity identity)
    {
        if (InventoryRules.Text(node["spec"]?["providerID"]) is not { Length: > 0 } claimed || IsSame(claimed, identity))
        {
            yield break;
        }

        yield return new RestoreFinding(
            "ProviderIds",
            name,
            $"The restored state takes node '{name}' for the machine {claimed}, and it is {identity.ProviderId ?? identity.MachineId}: a "
                + "cloud controller may remove the Node because that machine is gone, or attach volumes to a machine of the other site.",
            $"Stop the cloud controller manager until the Node is made anew: kubectl delete node {name}, then restart its kubelet.",
            Blocks: false
        );
    }

    // What the kubelet is told counts. Where it is told nothing, only a name that ends in a machine's UUID (vSphere, OpenStack ...) can be
    // compared; firmware writes its first half in either order.
    private static bool IsSame(string claimed, NodeIdentity identity)
    {
        if (identity.ProviderId is { } own)
        {
            return own == claimed;
        }

        return !Guid.TryParse(claimed[(claimed.LastIndexOf('/') + 1)..], out var named)
            || !Guid.TryParse(identity.MachineId, out var machine)
            || named == machine
            || named == new Guid(machine.ToByteArray(bigEndian: true));
    }

    private static IEnumerable<RestoreFinding> Volumes(
        string name,
        NodeIdentity identity,
        IEnumerable<JsonObject> attachments,
        Func<string, bool> needsAttachment
    )
    {
        var attached = attachments
            .Where(a => InventoryRules.Text(a["spec"]?["nodeName"]) == name && a["status"]?["attached"]?.GetValue<bool>() == true)
            .Select(a => InventoryRules.Text(a["spec"]?["source"]?["persistentVolumeName"]))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        if (attached.Except(identity.Volumes, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } claimed)
        {
            yield return new RestoreFinding(
                "VolumeAttachments",
                name,
                $"The restored state says that {claimed.Count} volumes are attached to node '{name}' ({Some(claimed)}), and none of them "
                    + "is mounted there: pods that need them wait for devices that are not there, or another site still has them.",
                "Make sure that the other site has let go of them; then delete their VolumeAttachments (kubectl get volumeattachments) and "
                    + "they are attached anew.",
                Blocks: false
            );
        }

        if (
            identity.Volumes.Except(attached, StringComparer.Ordinal).Where(needsAttachment).Order(StringComparer.Ordinal).ToList() is
            { Count: > 0 } unknown
        )
        {
            yield return new RestoreFinding(
                "VolumeAttachments",
                name,
                $"{unknown.Count} volumes are mounted on node '{name}' ({Some(unknown)}), and the restored state knows nothing of that: "
                    + "they may be given to another node while they are in use.",
                $"Let the pods of node '{name}' that use them end (kubectl drain {name}) before others start with the same volumes.",
                Blocks: false
            );
        }
    }

    private static string Some(List<string> names) =>
        names.Count <= Named ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more";

    private static IEnumerable<string> PodCidrs(JsonObject node) =>
        node["spec"]?["podCIDRs"] is JsonArray { Count: > 0 } several
            ? several.Select(InventoryRules.Text).OfType<string>()
            : new[] { InventoryRules.Text(node["spec"]?["podCIDR"]) }.OfType<string>();
}
