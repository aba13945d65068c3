namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The pod CIDR is the same on both sites.</summary>
internal sealed class PodCidrCheck : IMirrorCheck
{
    public string Name => "PodCidr";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.PodCidr is not { } theirs || secondary.PodCidr is not { } ours)
        {
            return [MirrorFinding.Information("The pod CIDR of one of the sites is not known.")];
        }

        var finding = theirs == ours
            ? MirrorFinding.Pass("Both sites have the same pod CIDR.")
            : MirrorFinding.Fail($"The pod CIDR of the primary is {theirs}, that of the secondary {ours}.", "Create the secondary with the primary's --pod-network-cidr.");
        return [finding with { Primary = theirs, Secondary = ours }];
    }
}
