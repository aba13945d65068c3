namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Nodes of the secondary reach each other's etcd peer port and the kube API.</summary>
internal sealed class NodeReachCheck : IMirrorCheck
{
    public string Name => "NodeReach";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var unreached = secondary.Probed.SelectMany(n => n.Probe!.Reach.Where(r => r.Value == false && !NfsCheck.IsNfs(r.Key)).Select(r => MirrorFinding.Fail(
            $"Node '{n.Name}' cannot connect to {r.Key}.", "Open that port between the nodes, or start what should listen there.") with { Node = n.Name }));
        return MirrorFinding.OrPass(unreached, secondary.Probed.Any(n => n.Probe!.Reach.Count > 0), "Nodes reach each other and the kube API.");
    }
}
