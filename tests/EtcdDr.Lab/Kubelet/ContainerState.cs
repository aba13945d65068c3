namespace EtcdDr.Lab.Kubelet;

/// <summary>States of the container runtime interface.</summary>
internal enum ContainerState
{
    Created,
    Running,
    Exited,
}
