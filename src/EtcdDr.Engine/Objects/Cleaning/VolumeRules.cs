using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What ties claims and volumes to one another and to a site's storage.</summary>
internal static class VolumeRules
{
    /// <summary>The annotation by which a provisioner says that it made a volume.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    private static readonly HashSet<string> BindingAnnotations = new(StringComparer.Ordinal)
    {
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
        "volume.beta.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/selected-node",
        "volume.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/storage-resizer",
    };

    /// <summary>Cleans a claim, which is changed.</summary>
    public static void CleanClaim(JsonObject body, CleaningOptions options, List<string> notes)
    {
        // The name of the volume stays with the binding; that it is bound is for the other cluster's controller to say.
        (body["metadata"] as JsonObject)?.RemoveEntries("annotations", BindingAnnotations.Contains);
        if (!options.KeepVolumeBinding && body["spec"] is JsonObject spec && spec.Remove("volumeName"))
        {
            notes.Add("It gets a new volume, without the data of the former one; -KeepVolumeBinding binds it to that.");
        }
    }

    /// <summary>Cleans a volume, which is changed.</summary>
    public static void CleanVolume(JsonObject body, CleaningOptions options, List<string> notes)
    {
        (body["metadata"] as JsonObject)?.RemoveEntries("annotations", BindingAnnotations.Contains);
        if (body["spec"] is not JsonObject spec)
        {
            return;
        }

        if (!options.KeepVolumeBinding)
        {
            spec.Remove("claimRef");
            return;
        }

        // Namespace and name keep the volume for its claim; the claim gets a new UID.
        spec["claimRef"].RemoveAll("uid", "resourceVersion");
        if (spec.TextAt("persistentVolumeReclaimPolicy") == "Delete")
        {
            // Both sites know the volume now: a claim that is deleted at one must not delete the data of the other.
            spec["persistentVolumeReclaimPolicy"] = "Retain";
            notes.Add("Its reclaim policy is Retain in place of Delete, since the volume is known at two places.");
        }
    }

    /// <summary>Cleans the claim templates of a StatefulSet, which is changed.</summary>
    public static void CleanTemplates(JsonObject body)
    {
        foreach (var template in body.ObjectsAt("spec", "volumeClaimTemplates"))
        {
            template.Remove("status");
            template["metadata"].RemoveAll("creationTimestamp");
        }
    }
}
