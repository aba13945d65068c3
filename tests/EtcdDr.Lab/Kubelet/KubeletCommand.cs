using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary><c>kubelet</c>: runs within a node of the lab; reads what the real one reads.</summary>
internal static class KubeletCommand
{
    public static LabCommand Command { get; } = new("kubelet", "", "plays the kubelet within a node (used by the lab itself)", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        ComponentProcess.Become("kubelet");
        var settings = NodeSettings.Read();
        var shim = Path.Combine(AppContext.BaseDirectory, "node-shim", "container-shim");
        var runtime = new ContainerRuntime("/run/lab/containerd", shim);
        ComponentProcess.Log($"Kubelet of {settings.Name} starts, manifests in {settings.StaticPodPath}");
        using var kubelet = new PlayedKubelet(settings, runtime, ComponentProcess.Log);
        await kubelet.RunAsync(cancellationToken);
        ComponentProcess.Log("Kubelet stops; containers stay");
        return 0;
    }
}
