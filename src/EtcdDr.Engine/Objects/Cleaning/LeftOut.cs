namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>Objects that are never put into a cluster, because they would do harm there or mean nothing.</summary>
internal static class LeftOut
{
    /// <summary>Why an object is not put into a cluster, as a sentence; null where it is.</summary>
    public static string? Reason(KubeObject item, CleaningOptions options) =>
        item.Key.FullKind switch
        {
            "Job.batch" when JobRules.IsFinished(item.Body) => "The job has ended.",
            "Pod" when PodRules.IsFinished(item.Body) => "The pod has ended.",
            "Pod" when PodRules.IsMirror(item.Body) => "It is the image of a static pod, which its node's manifest defines.",
            "Secret" when AccountRules.IsMadeToken(item.Body) => "It is a token that the former cluster made by itself.",
            "ConfigMap" when item.Name == "kube-root-ca.crt" => "Each cluster writes its own CA into it.",
            "PersistentVolume" when !options.KeepVolumeBinding && IsProvisioned(item) =>
                "A provisioner made the volume for a claim, and makes another one for it; -KeepVolumeBinding brings it along.",
            "Event" or "Event.events.k8s.io" => "Events tell of another cluster's past.",
            "Lease.coordination.k8s.io" => "Whoever holds the lease writes it.",
            "Node" or "CSINode.storage.k8s.io" => "Nodes register themselves.",
            "ComponentStatus" or "Binding" or "VolumeAttachment.storage.k8s.io" or "CSIStorageCapacity.storage.k8s.io" =>
                "Only controllers write objects of this kind.",
            _ => null,
        };

    private static bool IsProvisioned(KubeObject volume) => volume.Annotations?[VolumeRules.ProvisionedBy] is not null;
}
