namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The service CIDR is the same on both sites.</summary>
internal sealed class ServiceCidrCheck : IMirrorCheck
{
    public string Name => "ServiceCidr";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.ServiceCidr is not { } theirs || secondary.ServiceCidr is not { } ours)
        {
            return [MirrorFinding.Information("The service CIDR of one of the sites is not known.")];
        }

        var finding = theirs == ours
            ? MirrorFinding.Pass("Both sites have the same service CIDR.")
            : MirrorFinding.Fail($"The service CIDR of the primary is {theirs}, that of the secondary {ours}.", "Create the secondary with the primary's --service-cidr.");
        return [finding with { Primary = theirs, Secondary = ours }];
    }
}
