namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Each apiserver of the secondary is ready, asked past the front end.</summary>
internal sealed class ApiServersCheck : IMirrorCheck
{
    public string Name => "ApiServers";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var asked = secondary.ControlPlane.Where(n => n.ApiServerAsked).ToList();
        var findings = asked
            .Where(n => n.ApiServerFailure is not null)
            .Select(n =>
                MirrorFinding.Fail(
                    $"The kube-apiserver of node '{n.Name}' is not ready: {n.ApiServerFailure}",
                    "Look at its log on that node: sudo crictl logs $(sudo crictl ps -a -q --name kube-apiserver | head -n 1)."
                ) with
                {
                    Node = n.Name,
                }
            );
        return MirrorFinding.OrPass(findings, asked.Count > 0, $"{asked.Count} apiservers are ready, each asked on its own node.");
    }
}
