using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What the API server and Kubernetes' own controllers write into the metadata of any kind.</summary>
internal static class MetadataRules
{
    private static readonly HashSet<string> ControllersAnnotations = new(StringComparer.Ordinal)
    {
        "autoscaling.alpha.kubernetes.io/behavior-conditions",
        "autoscaling.alpha.kubernetes.io/conditions",
        "autoscaling.alpha.kubernetes.io/current-metrics",
        "control-plane.alpha.kubernetes.io/leader",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deployment.kubernetes.io/revision",
        "deployment.kubernetes.io/revision-history",
        "deprecated.daemonset.template.generation",
        "endpoints.kubernetes.io/last-change-trigger-time",
        "endpoints.kubernetes.io/over-capacity",
        "kubernetes.io/service-account.uid",
    };

    // Those of Kubernetes' own controllers, which set them again; those of users and of operators stay.
    private static readonly HashSet<string> ControllersFinalizers = new(StringComparer.Ordinal)
    {
        "batch.kubernetes.io/job-tracking",
        "customresourcecleanup.apiextensions.k8s.io",
        "external-provisioner.volume.kubernetes.io/finalizer",
        "foregroundDeletion",
        "kubernetes.io/pv-protection",
        "kubernetes.io/pvc-protection",
        "orphan",
        "service.kubernetes.io/load-balancer-cleanup",
        "snapshot.storage.kubernetes.io/pvc-as-source-protection",
    };

    // Drivers name themselves behind it.
    private const string AttacherFinalizers = "external-attacher/";

    /// <summary>Cleans the metadata, which is changed.</summary>
    public static void Clean(JsonObject metadata, List<string> notes)
    {
        if (metadata["deletionTimestamp"] is not null)
        {
            notes.Add("It was being deleted where it comes from.");
        }

        metadata.RemoveAll(
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "generation",
            "managedFields",
            "resourceVersion",
            "selfLink",
            "uid"
        );
        if (metadata.TextAt("name") is { Length: > 0 })
        {
            metadata.Remove("generateName");
        }

        metadata.RemoveEntries("annotations", ControllersAnnotations.Contains);
        metadata.RemoveItems("finalizers", f => IsControllers(f.Text() ?? string.Empty));
        if (metadata["finalizers"] is JsonArray { Count: > 0 } kept)
        {
            notes.Add(
                $"It keeps its finalizers ({string.Join(", ", kept.Select(f => f.Text()))}): without who serves them it cannot be deleted."
            );
        }
    }

    private static bool IsControllers(string finalizer) =>
        ControllersFinalizers.Contains(finalizer) || finalizer.StartsWith(AttacherFinalizers, StringComparison.Ordinal);
}
