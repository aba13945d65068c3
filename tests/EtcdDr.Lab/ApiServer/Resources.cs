using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The built-in resources, with the real key layout.</summary>
internal static class Resources
{
    public static IReadOnlyList<Resource> BuiltIn { get; } =
    [
        Core("namespaces", "Namespace", false, status: true, shorts: "ns"),
        Core("nodes", "Node", false, "minions", status: true, shorts: "no"),
        Core("pods", "Pod", true, status: true, shorts: "po"),
        Core("services", "Service", true, "services/specs", status: true, shorts: "svc"),
        Core("endpoints", "Endpoints", true, "services/endpoints", shorts: "ep"),
        Core("configmaps", "ConfigMap", true, shorts: "cm"),
        Core("secrets", "Secret", true),
        Core("serviceaccounts", "ServiceAccount", true, shorts: "sa"),
        Core("events", "Event", true, shorts: "ev"),
        Core("persistentvolumes", "PersistentVolume", false, status: true, shorts: "pv"),
        Core("persistentvolumeclaims", "PersistentVolumeClaim", true, status: true, shorts: "pvc"),
        Core("replicationcontrollers", "ReplicationController", true, "controllers", status: true, shorts: "rc"),
        Core("resourcequotas", "ResourceQuota", true, status: true, shorts: "quota"),
        Core("limitranges", "LimitRange", true, shorts: "limits"),
        Core("podtemplates", "PodTemplate", true),
        In("apps", "v1", "deployments", "Deployment", true, status: true, shorts: "deploy"),
        In("apps", "v1", "replicasets", "ReplicaSet", true, status: true, shorts: "rs"),
        In("apps", "v1", "daemonsets", "DaemonSet", true, status: true, shorts: "ds"),
        In("apps", "v1", "statefulsets", "StatefulSet", true, status: true, shorts: "sts"),
        In("apps", "v1", "controllerrevisions", "ControllerRevision", true),
        In("batch", "v1", "jobs", "Job", true, status: true),
        In("batch", "v1", "cronjobs", "CronJob", true, status: true, shorts: "cj"),
        In("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, status: true, shorts: "hpa"),
        In("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, status: true, shorts: "pdb"),
        In("coordination.k8s.io", "v1", "leases", "Lease", true),
        In("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true),
        In("networking.k8s.io", "v1", "ingresses", "Ingress", true, "ingress", status: true, shorts: "ing"),
        In("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false),
        In("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, shorts: "netpol"),
        In("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
        In("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
        In("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
        In("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
        In("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, shorts: "sc"),
        In("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false),
        In("storage.k8s.io", "v1", "csinodes", "CSINode", false),
        In("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, status: true),
        In("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, shorts: "pc"),
        In("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false),
        In("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false),
        In("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false),
        In("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false, status: true, shorts: "csr"),
        In("apiregistration.k8s.io", "v1", "apiservices", "APIService", false, "apiregistration.k8s.io/apiservices", status: true),
        In(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            false,
            "apiextensions.k8s.io/customresourcedefinitions",
            status: true,
            shorts: "crd"
        ),
    ];

    public static Resource Definitions { get; } = BuiltIn.First(r => r.Plural == "customresourcedefinitions");

    public static Resource Namespaces { get; } = BuiltIn.First(r => r.Plural == "namespaces");

    /// <summary>What a CustomResourceDefinition adds, one for each served version.</summary>
    public static IEnumerable<Resource> From(JsonObject definition)
    {
        var group = definition.Text("spec", "group") ?? "";
        var plural = definition.Text("spec", "names", "plural") ?? "";
        var kind = definition.Text("spec", "names", "kind") ?? "";
        foreach (var version in definition.Items("spec", "versions").Where(v => v.True("served")))
        {
            yield return new Resource(
                group,
                version.Text("name")!,
                plural,
                kind,
                definition.Text("spec", "scope") == "Namespaced",
                $"{group}/{plural}",
                version.At("subresources", "status") is not null,
                [.. definition.Texts("spec", "names", "shortNames")],
                Custom: true
            );
        }
    }

    private static Resource Core(
        string plural,
        string kind,
        bool namespaced,
        string? prefix = null,
        bool status = false,
        string? shorts = null
    ) => In("", "v1", plural, kind, namespaced, prefix, status, shorts);

    private static Resource In(
        string group,
        string version,
        string plural,
        string kind,
        bool namespaced,
        string? prefix = null,
        bool status = false,
        string? shorts = null
    ) => new(group, version, plural, kind, namespaced, prefix ?? plural, status, shorts is null ? [] : [shorts]);
}
