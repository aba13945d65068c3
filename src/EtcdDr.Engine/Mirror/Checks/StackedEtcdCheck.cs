namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>etcd of the secondary runs on its control-plane nodes.</summary>
internal sealed class StackedEtcdCheck : IMirrorCheck
{
    public string Name => "StackedEtcd";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        return MirrorFinding.OrPass(
            secondary.Nodes.Where(n => n.Failure?.ErrorId == "ExternalEtcd").Select(n => MirrorFinding.Fail(n.Failure!.Message, n.Failure!.RecommendedAction) with { Node = n.Name }), secondary.ControlPlane.Any(n => n.Restore is not null),
            "No external etcd is in use.");
    }
}
