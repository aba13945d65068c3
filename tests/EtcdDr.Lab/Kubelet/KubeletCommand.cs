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
        var agent = RunAgentAsync(settings, kubelet, runtime, cancellationToken);
        await kubelet.RunAsync(cancellationToken);
        await agent;
        ComponentProcess.Log("Kubelet stops; containers stay");
        return 0;
    }

    private static async Task RunAgentAsync(
        NodeSettings settings,
        PlayedKubelet kubelet,
        ContainerRuntime runtime,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(settings.Kubeconfig))
        {
            ComponentProcess.Log($"No {settings.Kubeconfig}: this kubelet stands alone and runs static pods only");
            return;
        }

        using var agent = new NodeAgent(settings, kubelet, runtime);
        await agent.RunAsync(cancellationToken);
    }
}
