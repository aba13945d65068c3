using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Fencing;

/// <summary>
/// What persistent volumes stand for outside of their cluster: two clusters with a bound volume of the same export, disk or handle write
/// into the same place. Pure. Volumes of a node's own disk are nobody else's.
/// </summary>
internal static class SharedVolumes
{
    // In-tree kinds by the fields that say which storage it is.
    private static readonly (string Kind, string[] Fields)[] Kinds =
    [
        ("nfs", ["server", "path"]),
        ("iscsi", ["targetPortal", "iqn", "lun"]),
        ("fc", ["wwids", "targetWWNs", "lun"]),
        ("cephfs", ["monitors", "path"]),
        ("rbd", ["monitors", "pool", "image"]),
        ("glusterfs", ["endpoints", "path"]),
        ("awsElasticBlockStore", ["volumeID"]),
        ("gcePersistentDisk", ["pdName"]),
        ("azureDisk", ["diskURI"]),
        ("azureFile", ["secretName", "shareName"]),
        ("vsphereVolume", ["volumePath"]),
        ("cinder", ["volumeID"]),
        ("portworxVolume", ["volumeID"]),
    ];

    /// <summary>Bound volumes that others than their node can reach, by what they stand for.</summary>
    public static IReadOnlyDictionary<string, string> Of(SiteFacts site) =>
        (site.Of("persistentvolumes") ?? [])
            .Where(v => InventoryRules.Text(v["status"]?["phase"]) is null or "Bound")
            .Select(v => (Name: SiteFacts.NameOf(v), Storage: StorageOf(v)))
            .Where(v => v.Storage is not null)
            .DistinctBy(v => v.Storage)
            .ToDictionary(v => v.Storage!, v => v.Name, StringComparer.Ordinal);

    /// <summary>What a volume stands for, in words; null where that is not known, or is one node's own.</summary>
    public static string? StorageOf(JsonObject volume)
    {
        var spec = volume["spec"];
        if (InventoryRules.Text(spec?["csi"]?["volumeHandle"]) is { Length: > 0 } handle)
        {
            return $"{InventoryRules.Text(spec!["csi"]!["driver"])} {handle}";
        }

        return Kinds
            .Where(k => spec?[k.Kind] is JsonObject)
            .Select(k => $"{k.Kind} {string.Join(" ", k.Fields.Select(f => TextOf(spec![k.Kind]![f])).Where(f => f.Length > 0))}")
            .FirstOrDefault();
    }

    private static string TextOf(JsonNode? value) =>
        value is JsonArray list ? string.Join(",", list.Select(i => i?.ToString())) : value?.ToString() ?? string.Empty;
}
