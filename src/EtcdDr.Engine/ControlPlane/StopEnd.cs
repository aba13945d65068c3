namespace EtcdDr.Engine.ControlPlane;

/// <summary>When static pods count as stopped.</summary>
internal enum StopEnd
{
    /// <summary>Their containers have stopped. The kubelet may not have seen yet that the manifests are gone and may start one
    /// more.</summary>
    Stopped,

    /// <summary>The kubelet has let go of them, and what is left of the containers was removed.</summary>
    Gone,
}
