namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>SSH to every node of the secondary.</summary>
internal sealed class SshAccessCheck : IMirrorCheck
{
    public string Name => "SshAccess";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        return MirrorFinding.OrPass(
            secondary.Nodes.Where(n => n.Failure is { } f && !f.ErrorId.StartsWith("Sudo", StringComparison.Ordinal) && !f.ErrorId.StartsWith("HostKey", StringComparison.Ordinal) && f.ErrorId != "ExternalEtcd").Select(n => MirrorFinding.Fail(n.Failure!.Message, n.Failure!.RecommendedAction) with { Node = n.Name }), secondary.Nodes.Count > 0,
            "Every node of the secondary answers over SSH.");
    }
}
