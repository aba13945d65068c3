using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>A part of the control plane as a node runs it: a static pod, by the file that the kubelet was found to read.</summary>
/// <param name="Name">The component, for example <c>etcd</c>.</param>
/// <param name="File">The file's name in the kubelet's directory; <c>etcd.yaml</c> where kubeadm wrote it, but any name will do for the
/// kubelet.</param>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod's name, without the node's name that the kubelet adds.</param>
/// <param name="Container">The name of the container that runs the component.</param>
public sealed record ControlPlanePart(string Name, string File, string Namespace, string Pod, string Container)
{
    /// <summary>The components, in the order in which they are stopped; they start in the opposite order.</summary>
    public static IReadOnlyList<string> Components { get; } = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

    internal const string Etcd = "etcd";

    internal const string ApiServer = "kube-apiserver";

    /// <summary>The part as kubeadm lays it out.</summary>
    public static ControlPlanePart Usual(string name) => new(name, $"{name}.yaml", "kube-system", name, name);

    /// <summary>The parts that a node has, in place or held aside.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestAmbiguous</c>: two files define one of them, so that the kubelet would go on with the
    /// other when one is taken aside.</exception>
    internal static IReadOnlyList<ControlPlanePart> Of(NodeManifests manifests) =>
        [
            .. Components
                .Select(name => (name, Pod: manifests.RequireOne(name)))
                .Where(found => found.Pod is not null)
                .Select(found => From(found.name, found.Pod!)),
        ];

    /// <summary>One word for a script: no part of it can hold a slash.</summary>
    internal string Word => $"{Name}/{File}/{Namespace}/{Pod}/{Container}";

    private static ControlPlanePart From(string name, StaticPodManifest pod) =>
        new(name, pod.Path[(pod.Path.LastIndexOf('/') + 1)..], pod.Namespace, pod.PodName, pod.ContainerName);
}
