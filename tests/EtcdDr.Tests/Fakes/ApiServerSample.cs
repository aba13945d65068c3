using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.Fakes;

/// <summary>A kube-apiserver that mounts one directory of its node.</summary>
internal static class ApiServerSample
{
    /// <summary>As its manifest says.</summary>
    /// <param name="directory">The directory, under the same path on the node and in the pod.</param>
    /// <param name="flags">Flags besides the address of etcd.</param>
    public static ApiServerConfiguration Of(string directory, params string[] flags) =>
        ApiServerConfiguration.From(
            StaticPodManifest.Parse(
                "cp1",
                "kube-apiserver.yaml",
                $$"""
                apiVersion: v1
                kind: Pod
                metadata: {name: kube-apiserver, namespace: kube-system}
                spec:
                  containers:
                  - name: kube-apiserver
                    image: registry.k8s.io/kube-apiserver:v1.36.1
                    command: [kube-apiserver, "--etcd-servers=https://127.0.0.1:2379", {{string.Join(", ", flags.Select(f => $"\"{f}\""))}}]
                    volumeMounts: [{mountPath: {{directory}}, name: mounted}]
                  volumes: [{hostPath: {path: {{directory}}}, name: mounted}]
                """
            )
        );
}
