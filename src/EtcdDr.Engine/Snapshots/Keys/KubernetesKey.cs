namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>
/// What a key says about the object behind it, whatever the apiserver's <c>--etcd-prefix</c>: <c>.../resource/[namespace/]name</c>, with
/// the API group in front of the resource for custom resources and some others (kubernetes pkg/registry, <c>genericregistry.Store</c>).
/// </summary>
internal readonly record struct KubernetesKey(string? Resource, string? Namespace, string? Name)
{
    private static readonly HashSet<string> Resources = new(StringComparer.Ordinal)
    {
        "certificatesigningrequests",
        "clusterrolebindings",
        "clusterroles",
        "configmaps",
        "controllerrevisions",
        "controllers",
        "cronjobs",
        "csidrivers",
        "csinodes",
        "csistoragecapacities",
        "daemonsets",
        "deployments",
        "deviceclasses",
        "endpointslices",
        "events",
        "flowschemas",
        "horizontalpodautoscalers",
        "ingress",
        "ingressclasses",
        "ipaddresses",
        "jobs",
        "leases",
        "limitranges",
        "masterleases",
        "minions",
        "mutatingwebhookconfigurations",
        "namespaces",
        "networkpolicies",
        "persistentvolumeclaims",
        "persistentvolumes",
        "poddisruptionbudgets",
        "pods",
        "podtemplates",
        "priorityclasses",
        "prioritylevelconfigurations",
        "ranges",
        "replicasets",
        "resourceclaims",
        "resourceclaimtemplates",
        "resourcequotas",
        "resourceslices",
        "rolebindings",
        "roles",
        "runtimeclasses",
        "secrets",
        "serviceaccounts",
        "servicecidrs",
        "services",
        "statefulsets",
        "storageclasses",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "validatingwebhookconfigurations",
        "volumeattachments",
        "volumeattributesclasses",
    };

    /// <summary>Reads a key.</summary>
    internal static KubernetesKey Parse(string key)
    {
        var parts = key.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i + 1 < parts.Length; i++)
        {
            // A group has a dot in it and stands in front of its resource; so may a part of the prefix, which is looked at no further than
            // this.
            if (
                parts[i].Contains('.', StringComparison.Ordinal)
                && i + 2 < parts.Length
                && i <= 2
                && !Resources.Contains(parts[i + 1])
                && i > 0
            )
            {
                return Of(parts[i + 1], parts.AsSpan(i + 2));
            }

            if (Resources.Contains(parts[i]))
            {
                // Services are kept as services/specs and services/endpoints.
                return parts[i] == "services" && i + 2 < parts.Length
                    ? Of(parts[i + 1] == "endpoints" ? "endpoints" : "services", parts.AsSpan(i + 2))
                    : Of(parts[i], parts.AsSpan(i + 1));
            }
        }

        return default;
    }

    private static KubernetesKey Of(string resource, ReadOnlySpan<string> rest) =>
        rest.Length switch
        {
            0 => new KubernetesKey(resource, null, null),
            1 => new KubernetesKey(resource, null, rest[0]),
            _ => new KubernetesKey(resource, rest[0], string.Join("/", rest[1..].ToArray())),
        };
}
