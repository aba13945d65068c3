namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>A second etcd, for events say: what it holds is in no snapshot of the first, and a restore does not touch it.</summary>
internal sealed class EtcdOverridesCheck : IMirrorCheck
{
    public string Name => "EtcdOverrides";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.ApiServer is not null).ToList();
        return MirrorFinding.OrPass(
            from node in known
            let overrides = node.ApiServer!.EtcdServersOverrides
            where overrides.Count > 0
            select MirrorFinding.Warning(
                $"The apiserver of node '{node.Name}' keeps {string.Join(", ", overrides)} in another etcd: that is not in a "
                    + "snapshot, and a restore leaves it as it is.",
                "Keep what matters in the main etcd, or back the other one up by itself."
            ) with
            {
                Node = node.Name,
                Secondary = string.Join(", ", overrides),
            },
            known.Count > 0,
            "Every apiserver keeps all objects in one etcd."
        );
    }
}
