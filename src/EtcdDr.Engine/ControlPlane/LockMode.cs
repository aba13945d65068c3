namespace EtcdDr.Engine.ControlPlane;

/// <summary>How an operation shares a cluster with others.</summary>
public enum LockMode
{
    /// <summary>Several at once, but none that changes the cluster: snapshots.</summary>
    Shared,

    /// <summary>Alone: restores, undoing, stopping and starting the control plane.</summary>
    Exclusive,
}
