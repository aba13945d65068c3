namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Both sites have the same nodes in the same roles.</summary>
internal sealed class NodeNamesCheck : IMirrorCheck
{
    public string Name => "NodeNames";

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = new List<MirrorFinding>();
        foreach (var role in new[] { NodeRole.ControlPlane, NodeRole.Worker })
        {
            var theirs = Names(primary, role);
            var ours = Names(secondary, role);
            var what = role == NodeRole.ControlPlane ? "control-plane nodes" : "workers";
            if (primary.Nodes.Count > 0 && secondary.Nodes.Count > 0 && !theirs.SequenceEqual(ours))
            {
                findings.Add(MirrorFinding.Fail(
                    $"The {what} of the primary are {List(theirs)}, those of the secondary are {List(ours)}.",
                    "Build the secondary with the primary's node names; objects that are restored refer to them.") with { Primary = List(theirs), Secondary = List(ours) });
            }
        }

        return MirrorFinding.OrPass(findings, primary.Nodes.Count > 0 && secondary.Nodes.Count > 0, $"Both sites have the same {primary.Nodes.Count} nodes.");
    }

    private static List<string> Names(SiteFacts site, NodeRole role) => [.. site.Nodes.Where(n => n.Role == role).Select(n => n.Name).Order(StringComparer.Ordinal)];

    private static string List(IEnumerable<string> names) => string.Join(", ", names.DefaultIfEmpty("none"));
}
