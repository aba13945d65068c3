using EtcdDr.Engine.Objects.Owners;

namespace EtcdDr.Engine.Objects.Order;

/// <summary>In which order objects go into a cluster.</summary>
internal static class WorkOrder
{
    private static readonly Dictionary<string, WorkStage> Stages = new(StringComparer.Ordinal)
    {
        ["CustomResourceDefinition.apiextensions.k8s.io"] = WorkStage.Definitions,
        ["Namespace"] = WorkStage.Namespaces,
        ["StorageClass.storage.k8s.io"] = WorkStage.Classes,
        ["VolumeAttributesClass.storage.k8s.io"] = WorkStage.Classes,
        ["CSIDriver.storage.k8s.io"] = WorkStage.Classes,
        ["IngressClass.networking.k8s.io"] = WorkStage.Classes,
        ["RuntimeClass.node.k8s.io"] = WorkStage.Classes,
        ["PriorityClass.scheduling.k8s.io"] = WorkStage.Classes,
        ["DeviceClass.resource.k8s.io"] = WorkStage.Classes,
        ["PersistentVolume"] = WorkStage.Volumes,
        ["ResourceQuota"] = WorkStage.Limits,
        ["LimitRange"] = WorkStage.Limits,
        ["ServiceAccount"] = WorkStage.Accounts,
        ["ClusterRole.rbac.authorization.k8s.io"] = WorkStage.Permissions,
        ["Role.rbac.authorization.k8s.io"] = WorkStage.Permissions,
        ["ClusterRoleBinding.rbac.authorization.k8s.io"] = WorkStage.Permissions,
        ["RoleBinding.rbac.authorization.k8s.io"] = WorkStage.Permissions,
        ["Secret"] = WorkStage.Configuration,
        ["ConfigMap"] = WorkStage.Configuration,
        ["PersistentVolumeClaim"] = WorkStage.Claims,
        ["Service"] = WorkStage.Services,
        ["Endpoints"] = WorkStage.Services,
        ["EndpointSlice.discovery.k8s.io"] = WorkStage.Services,
        ["NetworkPolicy.networking.k8s.io"] = WorkStage.Services,
        ["PodTemplate"] = WorkStage.Workloads,
        ["Deployment.apps"] = WorkStage.Workloads,
        ["StatefulSet.apps"] = WorkStage.Workloads,
        ["DaemonSet.apps"] = WorkStage.Workloads,
        ["ReplicaSet.apps"] = WorkStage.Workloads,
        ["ControllerRevision.apps"] = WorkStage.Workloads,
        ["ReplicationController"] = WorkStage.Workloads,
        ["Job.batch"] = WorkStage.Workloads,
        ["CronJob.batch"] = WorkStage.Workloads,
        ["Pod"] = WorkStage.Workloads,
        ["HorizontalPodAutoscaler.autoscaling"] = WorkStage.Scaling,
        ["PodDisruptionBudget.policy"] = WorkStage.Scaling,
        ["Ingress.networking.k8s.io"] = WorkStage.Ingress,
        ["APIService.apiregistration.k8s.io"] = WorkStage.AggregatedApis,
        ["ValidatingAdmissionPolicy.admissionregistration.k8s.io"] = WorkStage.Admission,
        ["ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io"] = WorkStage.Admission,
        ["MutatingAdmissionPolicy.admissionregistration.k8s.io"] = WorkStage.Admission,
        ["MutatingAdmissionPolicyBinding.admissionregistration.k8s.io"] = WorkStage.Admission,
        ["ValidatingWebhookConfiguration.admissionregistration.k8s.io"] = WorkStage.Admission,
        ["MutatingWebhookConfiguration.admissionregistration.k8s.io"] = WorkStage.Admission,
    };

    /// <summary>The stage of an object's kind.</summary>
    /// <param name="item">The object.</param>
    /// <param name="isAggregated">Whether another server answers for a group.</param>
    public static WorkStage StageOf(KubeObject item, Func<string, bool>? isAggregated = null) =>
        Stages.TryGetValue(item.Key.FullKind, out var stage) ? stage
        : isAggregated?.Invoke(item.Group) == true ? WorkStage.AggregatedObjects
        : WorkStage.Others;

    /// <summary>
    /// The turns in which objects go into a cluster, those of one turn at once: by stages, and what is owned after its owners, even where
    /// that is later than its own stage.
    /// </summary>
    public static IReadOnlyList<WorkTurn> Turns(IReadOnlyList<KubeObject> items, Func<string, bool>? isAggregated = null)
    {
        var graph = new OwnerGraph(items);
        var stages = new Dictionary<ObjectKey, WorkStage>();
        foreach (var item in items.OrderBy(graph.DepthOf))
        {
            // Owners are less deep, so they have been here; those of a circle that is cut may not.
            stages[item.Key] = graph
                .OwnersOf(item)
                .Where(o => stages.ContainsKey(o.Key))
                .Select(o => stages[o.Key])
                .Append(StageOf(item, isAggregated))
                .Max();
        }

        return
        [
            .. items
                .GroupBy(i => (Stage: stages[i.Key], Depth: graph.DepthOf(i)))
                .OrderBy(g => g.Key.Stage)
                .ThenBy(g => g.Key.Depth)
                .Select(g => new WorkTurn(
                    g.Key.Stage,
                    [
                        .. g.OrderBy(i => i.Key.FullKind, StringComparer.Ordinal)
                            .ThenBy(i => i.Namespace, StringComparer.Ordinal)
                            .ThenBy(i => i.Name, StringComparer.Ordinal),
                    ]
                )),
        ];
    }
}
