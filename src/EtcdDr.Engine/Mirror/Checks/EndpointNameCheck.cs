namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The kube-api endpoint is a host name and the same on both sites.</summary>
internal sealed class EndpointNameCheck : IMirrorCheck
{
    public string Name => "EndpointName";

    public string Category => "Endpoint";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (secondary.Server is not { } ours)
        {
            return [MirrorFinding.Information("The secondary's endpoint is not known.")];
        }

        var findings = new List<MirrorFinding>();
        foreach (var (site, server) in new[] { ("primary", primary.Server), ("secondary", ours) })
        {
            if (server is not null && server.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            {
                findings.Add(MirrorFinding.Fail(
                    $"The kube-api endpoint of the {site} is the address {server.Authority}, which cannot be the same on both sites.",
                    "Give the endpoint a host name that each site resolves to its own side, and use it in kubeconfigs and as controlPlaneEndpoint."));
            }
        }

        if (findings.Count == 0 && primary.Server is { } theirs && (!theirs.Host.Equals(ours.Host, StringComparison.OrdinalIgnoreCase) || theirs.Port != ours.Port))
        {
            findings.Add(MirrorFinding.Fail(
                $"The kube-api endpoint of the primary is {theirs.Authority}, that of the secondary {ours.Authority}.",
                "Use one name and port on both sites; kubelets and restored objects keep the primary's."));
        }

        return MirrorFinding.OrPass(findings, primary.Server is not null, $"The endpoint is {ours.Authority}.").Select(f => f with { Primary = primary.Server?.Authority, Secondary = ours.Authority });
    }
}
