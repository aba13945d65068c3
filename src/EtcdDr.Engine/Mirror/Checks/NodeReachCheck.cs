using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Nodes of the secondary reach each other's etcd peer port and the kube API.</summary>
internal sealed class NodeReachCheck : IMirrorCheck
{
    public string Name => "NodeReach";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var storage = StorageServers.Of(primary).ToHashSet(StringComparer.Ordinal);
        var tried = secondary
            .Probed.SelectMany(n =>
                n.Probe!.Reach.Where(r => !storage.Contains(r.Key)).Select(r => (Node: n, Target: r.Key, Outcome: r.Value))
            )
            .ToList();
        var findings = tried
            .Where(t => t.Outcome != Reach.Connects && !IsToldElsewhere(primary, secondary, t.Node, t.Target, t.Outcome))
            .Select(t => Finding(t.Node, t.Target, t.Outcome));
        return MirrorFinding.OrPass(findings, tried.Count > 0, "Nodes reach each other and the kube API.");
    }

    // Where nothing listens because the API or a member is down, or a name leads elsewhere, other checks say so; what is judged here is the
    // way there.
    private static bool IsToldElsewhere(SiteFacts primary, SiteFacts site, SiteNode from, string target, Reach outcome)
    {
        if (site.Server is { } server && target == $"{server.Host}:{server.Port}")
        {
            return site.ApiFailure is not null || EndpointResolutionCheck.IsAstray(primary, site, from);
        }

        var node = site.ControlPlane.FirstOrDefault(n =>
            n.Address is { } a
            && (target.StartsWith($"{a}:", StringComparison.Ordinal) || target.StartsWith($"[{a}]:", StringComparison.Ordinal))
        );
        return node is not null
            && (node.Failure is not null || (outcome == Reach.Refused && !site.Members.Any(m => m.Node == node.Name && m.Healthy)));
    }

    private static MirrorFinding Finding(SiteNode node, string target, Reach outcome) =>
        (
            outcome switch
            {
                Reach.Unknown => MirrorFinding.Information($"Node '{node.Name}' has no program to try {target} with."),
                Reach.Refused => MirrorFinding.Fail(
                    $"Node '{node.Name}' is refused by {target}.",
                    "Open that port between the nodes, or start what should listen there."
                ),
                _ => MirrorFinding.Fail(
                    $"Node '{node.Name}' gets no answer from {target}.",
                    "Open that port between the nodes, or start what should listen there."
                ),
            }
        ) with
        {
            Node = node.Name,
            Secondary = target,
        };
}
