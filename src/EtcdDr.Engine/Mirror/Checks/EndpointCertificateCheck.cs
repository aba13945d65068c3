namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The apiservers' certificates hold for the endpoint's name.</summary>
internal sealed class EndpointCertificateCheck : IMirrorCheck
{
    public string Name => "EndpointCertificate";

    public string Category => "Endpoint";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (secondary.Server is not { } server)
        {
            return [MirrorFinding.Information("The secondary's endpoint is not known.")];
        }

        var host = primary.Server is { HostNameType: UriHostNameType.Dns } theirs ? theirs.Host : server.Host;
        var uncovered = secondary
            .ControlPlane.Where(n => n.Probe?.ApiServerCertificate is { } c && !c.MatchesHostname(host))
            .Select(n =>
                MirrorFinding.Fail(
                    $"The apiserver's certificate on node '{n.Name}' does not hold for {host}.",
                    "Add the name to certSANs of kubeadm's configuration and issue the certificate anew (Add-EtcdApiAlias)."
                ) with
                {
                    Node = n.Name,
                    Secondary = n.Probe!.ApiServerCertificate!.Subject,
                }
            );
        return MirrorFinding.OrPass(
            uncovered,
            secondary.ControlPlane.Any(n => n.Probe?.ApiServerCertificate is not null),
            $"The apiservers' certificates hold for {host}."
        );
    }
}
