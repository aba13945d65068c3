namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The container runtime of each control-plane node answers crictl: what runs goes on without it, and nothing that is stopped
/// comes back.</summary>
internal sealed class ContainerRuntimeCheck : IMirrorCheck
{
    public string Name => "ContainerRuntime";

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.Facts is not null).ToList();
        return MirrorFinding.OrPass(
            known.Select(Finding).OfType<MirrorFinding>(),
            known.Count > 0,
            "The container runtime of every control-plane node answers crictl."
        );
    }

    private static MirrorFinding? Finding(SiteNode node)
    {
        var finding =
            !node.Facts!.HasCrictl
                ? MirrorFinding.Fail(
                    $"Node '{node.Name}' has no crictl, which stopping its control plane needs.",
                    "Install the package cri-tools on that node."
                )
            : node.Facts.RuntimeFailure is { } failure
                ? MirrorFinding.Fail(
                    $"The container runtime of node '{node.Name}' does not answer crictl ({failure.TrimEnd('.')}): what runs there goes "
                        + "on, and what is stopped does not come back.",
                    "Start it ('systemctl status containerd' or crio), or name its socket as runtime-endpoint in /etc/crictl.yaml."
                )
            : null;
        return finding is null ? null : finding with { Node = node.Name };
    }
}
