using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>
/// What of a cluster's objects counts. Left out is what the control plane makes or rewrites by itself, so that a cluster and its restored
/// copy are equal until somebody changes one of them. docs/inventory.md lists it for users.
/// </summary>
internal static class InventoryRules
{
    // Heartbeats, reports and things that expire or are derived from other objects.
    private static readonly HashSet<string> SkippedResources = new(StringComparer.Ordinal)
    {
        "events",
        "events.events.k8s.io",
        "leases.coordination.k8s.io",
        "leasecandidates.coordination.k8s.io",
        "componentstatuses",
        "controllerrevisions.apps",
        "volumeattachments.storage.k8s.io",
        "csistoragecapacities.storage.k8s.io",
        "certificatesigningrequests.certificates.k8s.io",
        "resourceslices.resource.k8s.io",
        "storageversions.internal.apiserver.k8s.io",
    };

    // Content differs from site to site or is put right by a controller: only their presence counts.
    private static readonly HashSet<string> PresenceOnlyResources = new(StringComparer.Ordinal) { "endpoints", "csinodes.storage.k8s.io" };

    private static readonly HashSet<string> PresenceOnlyConfigMaps = new(StringComparer.Ordinal)
    {
        "kube-system/extension-apiserver-authentication",
        "kube-public/cluster-info",
    };

    private static readonly HashSet<string> BuiltInControllers = new(StringComparer.Ordinal)
    {
        "Deployment",
        "ReplicaSet",
        "DaemonSet",
        "StatefulSet",
        "Job",
        "CronJob",
    };

    // A minute of a node's absence leaves these on it.
    private const string TransientTaints = "node.kubernetes.io/";

    private static readonly string[] RewrittenAnnotations =
    [
        "deployment.kubernetes.io/revision",
        "deprecated.daemonset.template.generation",
        "control-plane.alpha.kubernetes.io/leader",
        "endpoints.kubernetes.io/last-change-trigger-time",
        "kubectl.kubernetes.io/last-applied-configuration",
    ];

    /// <summary>Whether a kind is left out as a whole.</summary>
    public static bool Skips(KubeResource resource) => SkippedResources.Contains(resource.FullName);

    /// <summary>Whether an object is left out because a built-in controller made it. Pods are kept, for their readiness.</summary>
    public static bool Skips(KubeResource resource, JsonObject item) =>
        resource.FullName switch
        {
            "pods" => false,
            "endpointslices.discovery.k8s.io" => IsManagedSlice(item),
            "secrets" => Text(item["type"]) == "bootstrap.kubernetes.io/token",
            _ => Controller(item) is { } owner && BuiltInControllers.Contains(Text(owner["kind"]) ?? ""),
        };

    /// <summary>Whether only an object's presence counts.</summary>
    public static bool IsPresenceOnly(KubeResource resource, JsonObject item) =>
        resource.FullName switch
        {
            "pods" => Controller(item) is not null,
            "configmaps" => Text(item["metadata"]?["name"]) == "kube-root-ca.crt"
                || PresenceOnlyConfigMaps.Contains($"{Text(item["metadata"]?["namespace"])}/{Text(item["metadata"]?["name"])}"),
            var name => PresenceOnlyResources.Contains(name),
        };

    /// <summary>Removes from an object (which is changed) whatever the control plane decides.</summary>
    public static void Reduce(KubeResource resource, JsonObject item)
    {
        item.Remove("status");
        item.Remove("kind");
        item.Remove("apiVersion");
        if (item["metadata"] is JsonObject metadata)
        {
            ReduceMetadata(metadata);
            if (resource.FullName == "nodes")
            {
                // Network plug-ins and kubelets write the site's addresses there.
                metadata.Remove("annotations");
            }
        }

        if (item["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["template"]?["metadata"] is JsonObject template)
        {
            ReduceMetadata(template);
        }

        if (spec["claimRef"] is JsonObject claim)
        {
            claim.Remove("resourceVersion");
            claim.Remove("uid");
        }

        if (resource.FullName == "nodes" && spec["taints"] is JsonArray taints)
        {
            foreach (
                var taint in taints.Where(t => Text(t?["key"])?.StartsWith(TransientTaints, StringComparison.Ordinal) == true).ToList()
            )
            {
                taints.Remove(taint);
            }

            if (taints.Count == 0)
            {
                spec.Remove("taints");
            }
        }
    }

    /// <summary>The controller that owns an object; null if none does.</summary>
    public static JsonObject? Controller(JsonObject item) =>
        (item["metadata"]?["ownerReferences"] as JsonArray)
            ?.OfType<JsonObject>()
            .FirstOrDefault(o => o["controller"]?.ToString() == "true");

    /// <summary>The text of a JSON string; null for anything else.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void ReduceMetadata(JsonObject metadata)
    {
        foreach (var key in (string[])["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"])
        {
            metadata.Remove(key);
        }

        foreach (var owner in (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>())
        {
            owner.Remove("uid");
        }

        if (metadata["annotations"] is not JsonObject annotations)
        {
            return;
        }

        // Restarting a workload writes .../restartedAt into its template; a restore does so itself.
        foreach (
            var key in annotations
                .Select(a => a.Key)
                .Where(k => RewrittenAnnotations.Contains(k) || k.EndsWith("/restartedAt", StringComparison.Ordinal))
                .ToList()
        )
        {
            annotations.Remove(key);
        }

        if (annotations.Count == 0)
        {
            metadata.Remove("annotations");
        }
    }

    private static bool IsManagedSlice(JsonObject item)
    {
        var labels = item["metadata"]?["labels"] as JsonObject;
        var manager = Text(labels?["endpointslice.kubernetes.io/managed-by"]);
        return manager?.EndsWith("controller.k8s.io", StringComparison.Ordinal) == true
            || (Text(item["metadata"]?["namespace"]) == "default" && Text(labels?["kubernetes.io/service-name"]) == "kubernetes");
    }
}
