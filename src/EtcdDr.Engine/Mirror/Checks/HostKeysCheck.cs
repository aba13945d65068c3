namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Host keys of the secondary are known.</summary>
internal sealed class HostKeysCheck : IMirrorCheck
{
    public string Name => "HostKeys";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        return MirrorFinding.OrPass(
            secondary.Nodes.Where(n => n.Failure?.ErrorId.StartsWith("HostKey", StringComparison.Ordinal) == true).Select(n => MirrorFinding.Fail(n.Failure!.Message, n.Failure!.RecommendedAction) with { Node = n.Name }), secondary.Probed.Any(),
            "The host keys of all nodes that answer are known.");
    }
}
