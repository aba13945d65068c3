namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The endpoint's name resolves on every node of the secondary to the secondary's side.</summary>
internal sealed class EndpointResolutionCheck : IMirrorCheck
{
    public string Name => "EndpointResolution";

    public string Category => "Endpoint";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (secondary.Server is not { } server || server.HostNameType != UriHostNameType.Dns)
        {
            return [MirrorFinding.Information("The endpoint is no host name, or not known.")];
        }

        var theirs = Side(primary, server.Host);
        theirs.ExceptWith(Own(secondary));
        var findings = new List<MirrorFinding>();
        foreach (var node in secondary.Probed)
        {
            var addresses = node.Probe!.Names.GetValueOrDefault(server.Host) ?? [];
            if (addresses.Count == 0)
            {
                findings.Add(Failure(node, "nothing", $"{server.Host} does not resolve on node '{node.Name}'."));
            }
            else if (addresses.FirstOrDefault(theirs.Contains) is { } wrong)
            {
                findings.Add(Failure(node, wrong, $"{server.Host} resolves on node '{node.Name}' to {wrong}, which is the primary's side."));
            }
        }

        return MirrorFinding.OrPass(findings, secondary.Probed.Any(), $"{server.Host} resolves on every node that answers, and not to the primary's side.");
    }

    private static MirrorFinding Failure(SiteNode node, string value, string message) =>
        MirrorFinding.Fail(message, "Correct DNS or /etc/hosts of that node, so that the name leads to its own site.") with { Node = node.Name, Secondary = value };

    private static HashSet<string> Side(SiteFacts site, string host) =>
        [.. Own(site), .. site.Probed.SelectMany(n => n.Probe!.Names.GetValueOrDefault(host) ?? [])];

    private static IEnumerable<string> Own(SiteFacts site) =>
        site.Nodes.Select(n => n.Address).OfType<string>().Concat(site.ServerAddress is { } address ? [address] : Array.Empty<string>());
}
