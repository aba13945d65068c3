namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The endpoint's name leads to the secondary's side: on every node of the secondary, and on this machine unless the profile names
/// an address.</summary>
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

        var theirs = OnlyOf(primary, secondary, server.Host);
        var findings = secondary.Probed.Select(n => OfNode(n, server, theirs)).OfType<MirrorFinding>().ToList();

        // An API that answers has shown with its certificate that this machine reaches the right one.
        if (
            secondary.ApiFailure is not null
            && (secondary.ServerAddress is { } dialled ? [dialled] : secondary.EndpointAddresses).FirstOrDefault(theirs.Contains)
                is { } foreign
        )
        {
            findings.Add(
                MirrorFinding.Fail(
                    $"This machine asks for {server.Host} at {foreign}, which is the primary's side.",
                    "Set the secondary's serverAddress in the profile, or correct DNS or the hosts file of this machine."
                ) with
                {
                    Secondary = foreign,
                }
            );
        }

        return MirrorFinding.OrPass(
            findings,
            secondary.Probed.Any(),
            $"{server.Host} leads to the secondary's side on every node that answers."
        );
    }

    /// <summary>Whether the endpoint's name leads elsewhere, or nowhere, on a node.</summary>
    public static bool IsAstray(SiteFacts primary, SiteFacts secondary, SiteNode node) =>
        secondary.Server is { HostNameType: UriHostNameType.Dns } server
        && node.Probe is not null
        && OfNode(node, server, OnlyOf(primary, secondary, server.Host)) is not null;

    private static HashSet<string> OnlyOf(SiteFacts site, SiteFacts other, string host)
    {
        var addresses = Side(site, host);
        addresses.ExceptWith(Own(other));
        return addresses;
    }

    private static MirrorFinding? OfNode(SiteNode node, Uri server, HashSet<string> theirs)
    {
        var addresses = node.Probe!.Names.GetValueOrDefault(server.Host) ?? [];
        if (addresses.Count == 0)
        {
            return Failure(node, "nothing", $"{server.Host} does not resolve on node '{node.Name}'.");
        }

        var found = string.Join(", ", addresses);
        if (addresses.Any(theirs.Contains))
        {
            return Failure(node, found, $"{server.Host} resolves on node '{node.Name}' to {found}, which is the primary's side.");
        }

        return node.Probe.ServesOwnCluster.GetValueOrDefault($"{server.Host}:{server.Port}") == false
            ? Failure(
                node,
                found,
                $"{server.Host} resolves on node '{node.Name}' to {found}, where a certificate is shown that this cluster's CA did not "
                    + "sign: it leads elsewhere."
            )
            : null;
    }

    private static MirrorFinding Failure(SiteNode node, string value, string message) =>
        MirrorFinding.Fail(message, "Correct DNS or /etc/hosts of that node, so that the name leads to its own site.") with
        {
            Node = node.Name,
            Secondary = value,
        };

    private static HashSet<string> Side(SiteFacts site, string host) =>
        [.. Own(site), .. site.Probed.SelectMany(n => n.Probe!.Names.GetValueOrDefault(host) ?? [])];

    private static IEnumerable<string> Own(SiteFacts site) => site.Nodes.Select(n => n.Address).Append(site.ServerAddress).OfType<string>();
}
