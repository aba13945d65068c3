namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>A place in the container's file system where a volume is mounted.</summary>
/// <param name="Volume">The volume's name in the pod.</param>
/// <param name="ContainerPath">Where it is mounted, normalized.</param>
/// <param name="HostPath">What is mounted there on the node, sub-path included; null where the volume is not a hostPath.</param>
/// <param name="ReadOnly">Whether the container may only read it.</param>
public sealed record StaticPodMount(string Volume, string ContainerPath, string? HostPath, bool ReadOnly);
