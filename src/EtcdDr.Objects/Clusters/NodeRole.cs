namespace EtcdDr;

/// <summary>What a node does in its cluster.</summary>
public enum NodeRole
{
    /// <summary>Runs etcd, apiserver, scheduler and controller manager as static pods.</summary>
    ControlPlane,

    /// <summary>Runs workloads only.</summary>
    Worker,
}
