namespace EtcdDr.Engine.Objects.Order;

/// <summary>The stages in which objects go into a cluster; each is whole before the next begins.</summary>
public enum WorkStage
{
    /// <summary>Definitions of custom resources: everything else may be one.</summary>
    Definitions,

    /// <summary>Namespaces.</summary>
    Namespaces,

    /// <summary>Storage, ingress, runtime and priority classes.</summary>
    Classes,

    /// <summary>Quotas and limits of namespaces.</summary>
    Limits,

    /// <summary>Volumes.</summary>
    Volumes,

    /// <summary>Claims.</summary>
    Claims,

    /// <summary>Service accounts.</summary>
    Accounts,

    /// <summary>Roles and their bindings.</summary>
    Permissions,

    /// <summary>Secrets and config maps.</summary>
    Configuration,

    /// <summary>Services and network policies.</summary>
    Services,

    /// <summary>What has pods.</summary>
    Workloads,

    /// <summary>Autoscalers and disruption budgets.</summary>
    Scaling,

    /// <summary>Ingress.</summary>
    Ingress,

    /// <summary>All that is not told elsewhere: custom resources.</summary>
    Others,

    /// <summary>Aggregated APIs, once what answers for them runs.</summary>
    AggregatedApis,

    /// <summary>Objects of aggregated APIs.</summary>
    AggregatedObjects,

    /// <summary>Webhooks and admission policies: they must not judge what they themselves need to run.</summary>
    Admission,
}
