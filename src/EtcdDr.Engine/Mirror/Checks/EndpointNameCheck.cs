namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The kube-api endpoint is a host name and the same on both sites, in the kubeconfig and in kubeadm's configuration.</summary>
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

        var findings = Addresses("primary", primary).Concat(Addresses("secondary", secondary)).ToList();
        if (findings.Count == 0 && Difference(primary, secondary, ours) is { } difference)
        {
            findings.Add(difference);
        }

        return MirrorFinding
            .OrPass(findings, primary.Server is not null, $"The endpoint is {Text(ours)}.")
            .Select(f =>
                f with
                {
                    Primary = f.Primary ?? (primary.Server is { } server ? Text(server) : null),
                    Secondary = f.Secondary ?? Text(ours),
                }
            );
    }

    private static MirrorFinding? Difference(SiteFacts primary, SiteFacts secondary, Uri ours)
    {
        var known = primary.ControlPlaneEndpoint is not null && secondary.ControlPlaneEndpoint is not null;
        if (known && !Same(primary.ControlPlaneEndpoint!, secondary.ControlPlaneEndpoint!))
        {
            return MirrorFinding.Fail(
                $"The controlPlaneEndpoint of the primary is {primary.ControlPlaneEndpoint}, that of the secondary "
                    + $"{secondary.ControlPlaneEndpoint}.",
                "Use one name and port on both sites; kubelets and restored objects keep the primary's."
            ) with
            {
                Primary = primary.ControlPlaneEndpoint,
                Secondary = secondary.ControlPlaneEndpoint,
            };
        }

        if (primary.Server is not { } theirs || Same(Text(theirs), Text(ours)))
        {
            return null;
        }

        // An administrator's kubeconfig may use a name of its own; what the cluster itself uses counts.
        var message = $"The kubeconfigs have different kube-api endpoints: {Text(theirs)} for the primary, {Text(ours)} for the secondary.";
        return known
            ? MirrorFinding.Warning(message, "Use the name that both sites have as controlPlaneEndpoint.")
            : MirrorFinding.Fail(message, "Use one name and port on both sites; kubelets and restored objects keep the primary's.");
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<MirrorFinding> Addresses(string name, SiteFacts site)
    {
        var remedy =
            "Give the endpoint a host name that each site resolves to its own side, and use it in kubeconfigs and as controlPlaneEndpoint.";
        if (site.Server is { HostNameType: UriHostNameType.IPv4 or UriHostNameType.IPv6 } server)
        {
            yield return MirrorFinding.Fail(
                $"The kubeconfig of the {name} has the address {Text(server)} as kube-api endpoint, which cannot be the same on both "
                    + "sites.",
                remedy
            );
        }

        if (
            site.ControlPlaneEndpoint is { } endpoint
            && Uri.TryCreate($"https://{endpoint}", UriKind.Absolute, out var parsed)
            && parsed.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
        )
        {
            yield return MirrorFinding.Fail(
                $"The controlPlaneEndpoint of the {name} is the address {endpoint}, which cannot be the same on both sites.",
                remedy
            );
        }
    }

    // With the port even where it is https's own, as kubeadm writes it.
    private static string Text(Uri server) => $"{server.Host}:{server.Port}";
}
