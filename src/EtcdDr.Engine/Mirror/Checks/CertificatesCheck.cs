using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Certificates without which a control plane does not come back after a stop. A running one goes on with expired ones, so nobody
/// has noticed.</summary>
internal sealed class CertificatesCheck : IMirrorCheck
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public string Name => "Certificates";

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.Facts is { Certificates.Count: > 0 }).ToList();
        return MirrorFinding.OrPass(
            known.SelectMany(n => n.Facts!.Certificates.Select(c => Finding(n, c)).OfType<MirrorFinding>()),
            known.Count > 0,
            "Every certificate that a control plane needs to start is valid."
        );
    }

    private static MirrorFinding? Finding(SiteNode node, NodeCertificate certificate)
    {
        // The servers that will refuse it go by the node's own clock.
        var now = node.Facts!.Clock ?? DateTime.UtcNow;
        var remedy =
            $"Renew it on node '{node.Name}' (kubeadm certs renew all; the kubelet's by a restart of the kubelet, or as 'kubeadm init "
            + "phase kubeconfig kubelet' makes it) before anything is stopped there.";
        var finding =
            certificate.NotAfter <= now
                ? MirrorFinding.Fail(
                    $"The certificate in {certificate.Path} on node '{node.Name}' expired on {certificate.NotAfter:yyyy-MM-dd}: what "
                        + "runs goes on with it, and does not come back after a stop.",
                    remedy
                )
            : certificate.NotAfter <= now + Soon
                ? MirrorFinding.Warning(
                    $"The certificate in {certificate.Path} on node '{node.Name}' expires on {certificate.NotAfter:yyyy-MM-dd}.",
                    remedy
                )
            : null;
        return finding is null ? null : finding with { Node = node.Name, Secondary = $"{certificate.NotAfter:yyyy-MM-dd}" };
    }
}
