using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>One definition of each part of the control plane: the kubelet reads every file, copies too, and runs the second as soon as the
/// first is aside.</summary>
internal sealed class StaticPodsCheck : IMirrorCheck
{
    public string Name => "StaticPods";

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.Facts is not null).ToList();
        return MirrorFinding.OrPass(
            known.SelectMany(Findings),
            known.Count > 0,
            "One file defines each part of the control plane on every node."
        );
    }

    private static IEnumerable<MirrorFinding> Findings(SiteNode node) =>
        from component in ControlPlanePart.Components
        let files = node.Facts!.Manifests.FilesOf(component)
        where files.Count > 1
        select MirrorFinding.Fail(
            $"On node '{node.Name}' {files.Count} files define {component}: {string.Join(", ", files)}. The kubelet runs the next "
                + "one as soon as one is taken aside.",
            $"Move all but the one in use out of {node.Facts!.Manifests.StaticPodPath}."
        ) with
        {
            Node = node.Name,
            Secondary = string.Join(", ", files),
        };
}
