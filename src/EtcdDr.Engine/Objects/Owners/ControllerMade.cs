using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Objects.Owners;

/// <summary>
/// Which objects controllers make by themselves out of others, so that whoever brings back those others gets them too. The owner says so:
/// an object whose reference names a controller is its work. Where its content cannot be made a second time, a generated password or the
/// data behind a claim, it is no such object.
/// </summary>
internal static class ControllerMade
{
    private static readonly HashSet<string> Irreplaceable = new(StringComparer.Ordinal) { "Secret", "PersistentVolumeClaim" };

    /// <summary>Whether an object of a cluster is made by a controller. That its owner is there needs no look: what lost its owner is
    /// collected as garbage.</summary>
    public static bool Is(KubeObject item) =>
        (InventoryRules.Controller(item.Body) is not null && !Irreplaceable.Contains(item.Key.FullKind)) || IsMadeWithoutOwner(item);

    // What built-in controllers and the API server make and put no owner on. They say so by labels and annotations of their own.
    private static bool IsMadeWithoutOwner(KubeObject item) =>
        item.Key.FullKind switch
        {
            "Endpoints" => !Has(item.Labels, "endpointslice.kubernetes.io/skip-mirror") && IsOfService(item),
            "EndpointSlice.discovery.k8s.io" => item.Labels.TextAt("endpointslice.kubernetes.io/managed-by") is { } manager
                && manager.EndsWith(".k8s.io", StringComparison.Ordinal),
            "ConfigMap" => item.Name == "kube-root-ca.crt",
            "APIService.apiregistration.k8s.io" => Has(item.Labels, "kube-aggregator.kubernetes.io/automanaged"),
            "ClusterRole.rbac.authorization.k8s.io"
            or "ClusterRoleBinding.rbac.authorization.k8s.io"
            or "Role.rbac.authorization.k8s.io"
            or "RoleBinding.rbac.authorization.k8s.io" => item.Labels.TextAt("kubernetes.io/bootstrapping") == "rbac-defaults",
            "FlowSchema.flowcontrol.apiserver.k8s.io" or "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io" =>
                item.Annotations.TextAt("apf.kubernetes.io/autoupdate-spec") == "true",
            "PriorityClass.scheduling.k8s.io" => item.Name is "system-cluster-critical" or "system-node-critical",
            "Namespace" => item.Name is "default" or "kube-system" or "kube-public" or "kube-node-lease",
            "ServiceCIDR.networking.k8s.io" => item.Name == "kubernetes",
            "IPAddress.networking.k8s.io" => Has(item.Labels, "ipaddress.kubernetes.io/managed-by"),
            "Service" => item is { Namespace: "default", Name: "kubernetes" },
            "Secret" => Cleaning.AccountRules.IsMadeToken(item.Body),
            "Pod" => Cleaning.PodRules.IsMirror(item.Body),
            "Event" or "Event.events.k8s.io" or "Lease.coordination.k8s.io" or "Node" or "CSINode.storage.k8s.io" => true,
            "ComponentStatus" or "VolumeAttachment.storage.k8s.io" or "CSIStorageCapacity.storage.k8s.io" => true,
            _ => false,
        };

    // The endpoints controller's sign; endpoints that users write have none.
    private static bool IsOfService(KubeObject endpoints) =>
        Has(endpoints.Annotations, "endpoints.kubernetes.io/last-change-trigger-time")
        || endpoints.Labels.TextAt("endpoints.kubernetes.io/managed-by") == "endpoint-controller"
        || endpoints is { Namespace: "default", Name: "kubernetes" };

    private static bool Has(System.Text.Json.Nodes.JsonObject? map, string key) => map?.ContainsKey(key) == true;
}
