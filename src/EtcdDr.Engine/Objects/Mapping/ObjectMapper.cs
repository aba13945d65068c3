using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Mapping;

/// <summary>Puts the names of another cluster into an object.</summary>
internal static class ObjectMapper
{
    // What kubectl apply compares with: under other names it would be wrong.
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private const string OldStorageClass = "volume.beta.kubernetes.io/storage-class";
    private const string OldIngressClass = "kubernetes.io/ingress.class";

    /// <summary>The object under other names; the same where none of them is in it. What is given is not changed.</summary>
    public static KubeObject Map(KubeObject item, ObjectMapping mapping)
    {
        if (mapping.IsEmpty)
        {
            return item;
        }

        var mapped = item with { Body = (JsonObject)item.Body.DeepClone() };
        MapNamespace(mapped, mapping.Namespaces);
        MapStorageClass(mapped, mapping.StorageClasses);
        MapIngressClass(mapped, mapping.IngressClasses);
        MapImages(mapped, mapping.Images);
        if (JsonNode.DeepEquals(mapped.Body, item.Body))
        {
            return item;
        }

        (mapped.Body["metadata"] as JsonObject)?.RemoveEntries("annotations", key => key == LastApplied);
        return mapped;
    }

    private static void MapNamespace(KubeObject item, IReadOnlyDictionary<string, string> names)
    {
        Replace(item.Body["metadata"], "namespace", names);
        switch (item.Key.FullKind)
        {
            case "Namespace":
                Replace(item.Body["metadata"], "name", names);
                break;
            case "RoleBinding.rbac.authorization.k8s.io" or "ClusterRoleBinding.rbac.authorization.k8s.io":
                foreach (var subject in item.Body.ObjectsAt("subjects"))
                {
                    Replace(subject, "namespace", names);
                }

                break;
            case "PersistentVolume":
                Replace(item.Body.At("spec", "claimRef"), "namespace", names);
                break;
            case "ValidatingWebhookConfiguration.admissionregistration.k8s.io"
            or "MutatingWebhookConfiguration.admissionregistration.k8s.io":
                foreach (var webhook in item.Body.ObjectsAt("webhooks"))
                {
                    Replace(webhook.At("clientConfig", "service"), "namespace", names);
                }

                break;
            case "APIService.apiregistration.k8s.io":
                Replace(item.Body.At("spec", "service"), "namespace", names);
                break;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                Replace(item.Body.At("spec", "conversion", "webhook", "clientConfig", "service"), "namespace", names);
                break;
        }
    }

    private static void MapStorageClass(KubeObject item, IReadOnlyDictionary<string, string> names)
    {
        switch (item.Key.FullKind)
        {
            case "PersistentVolumeClaim" or "PersistentVolume":
                MapStorageClassOf(item.Body, names);
                break;
            case "StatefulSet.apps":
                foreach (var template in item.Body.ObjectsAt("spec", "volumeClaimTemplates"))
                {
                    MapStorageClassOf(template, names);
                }

                break;
        }

        // Pods and templates of pods can carry a claim in a volume.
        foreach (var volume in PodSpecs(item).SelectMany(s => s.ObjectsAt("volumes")))
        {
            Replace(volume.At("ephemeral", "volumeClaimTemplate", "spec"), "storageClassName", names);
        }
    }

    private static void MapStorageClassOf(JsonObject claim, IReadOnlyDictionary<string, string> names)
    {
        Replace(claim["spec"], "storageClassName", names);
        Replace(claim.At("metadata", "annotations"), OldStorageClass, names);
    }

    private static void MapIngressClass(KubeObject item, IReadOnlyDictionary<string, string> names)
    {
        if (item.Is("Ingress.networking.k8s.io"))
        {
            Replace(item.Body["spec"], "ingressClassName", names);
            Replace(item.Annotations, OldIngressClass, names);
        }
    }

    private static void MapImages(KubeObject item, IReadOnlyDictionary<string, string> prefixes)
    {
        if (prefixes.Count == 0)
        {
            return;
        }

        foreach (var spec in PodSpecs(item))
        {
            foreach (var container in spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers")))
            {
                MapImage(container, "image", prefixes);
            }

            foreach (var volume in spec.ObjectsAt("volumes"))
            {
                MapImage(volume["image"], "reference", prefixes);
            }
        }
    }

    private static void MapImage(JsonNode? holder, string key, IReadOnlyDictionary<string, string> prefixes)
    {
        if (holder.TextAt(key) is { } image)
        {
            ((JsonObject)holder!)[key] = Image(image, prefixes);
        }
    }

    /// <summary>An image under another registry or path. The longest beginning that fits counts; it ends where a part of the name ends. An
    /// image without a registry is one of docker.io too, as container runtimes take it.</summary>
    public static string Image(string image, IReadOnlyDictionary<string, string> prefixes)
    {
        foreach (var name in (string[])[image, ImageName.WithRegistry(image)])
        {
            if (prefixes.Keys.Where(p => Begins(name, p.TrimEnd('/'))).MaxBy(p => p.Length) is { } fitting)
            {
                return prefixes[fitting].TrimEnd('/') + name[fitting.TrimEnd('/').Length..];
            }
        }

        return image;
    }

    private static bool Begins(string image, string prefix) =>
        image.StartsWith(prefix, StringComparison.Ordinal) && (image.Length == prefix.Length || image[prefix.Length] is '/' or ':' or '@');

    /// <summary>The images of an object's pods.</summary>
    public static IEnumerable<string> Images(KubeObject item) =>
        PodSpecs(item)
            .SelectMany(s => s.ObjectsAt("containers").Concat(s.ObjectsAt("initContainers")))
            .Select(c => c.TextAt("image"))
            .OfType<string>();

    /// <summary>The specification of an object's pods, where it has any.</summary>
    public static IEnumerable<JsonObject> PodSpecs(KubeObject item)
    {
        var spec = item.Key.FullKind switch
        {
            "Pod" => item.Body["spec"],
            "PodTemplate" => item.Body.At("template", "spec"),
            "CronJob.batch" => item.Body.At("spec", "jobTemplate", "spec", "template", "spec"),
            "Deployment.apps" or "StatefulSet.apps" or "DaemonSet.apps" or "ReplicaSet.apps" or "Job.batch" or "ReplicationController" =>
                item.Body.At("spec", "template", "spec"),
            _ => null,
        };
        return spec is JsonObject one ? [one] : [];
    }

    private static void Replace(JsonNode? holder, string key, IReadOnlyDictionary<string, string> names)
    {
        if (holder is JsonObject map && map[key].Text() is { } name && names.TryGetValue(name, out var other))
        {
            map[key] = other;
        }
    }
}
