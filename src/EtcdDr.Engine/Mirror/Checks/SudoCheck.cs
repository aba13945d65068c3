namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>sudo on every node of the secondary.</summary>
internal sealed class SudoCheck : IMirrorCheck
{
    public string Name => "Sudo";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        return MirrorFinding.OrPass(
            secondary.Nodes.Where(n => n.Failure?.ErrorId.StartsWith("Sudo", StringComparison.Ordinal) == true).Select(n => MirrorFinding.Fail(n.Failure!.Message, n.Failure!.RecommendedAction) with { Node = n.Name }), secondary.Probed.Any(),
            "The SSH user has sudo rights on every node that answers.");
    }
}
