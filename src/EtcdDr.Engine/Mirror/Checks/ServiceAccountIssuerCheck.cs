namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The service-account issuer is the same on both sites.</summary>
internal sealed class ServiceAccountIssuerCheck : IMirrorCheck
{
    public string Name => "ServiceAccountIssuer";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.ServiceAccountIssuer is not { } theirs || secondary.ServiceAccountIssuer is not { } ours)
        {
            return [MirrorFinding.Information("The service-account issuer of one of the sites is not known.")];
        }

        var finding = theirs == ours
            ? MirrorFinding.Pass("Both sites have the same service-account issuer.")
            : MirrorFinding.Fail($"The service-account issuer of the primary is {theirs}, that of the secondary {ours}.", "Set the same --service-account-issuer on both sites.");
        return [finding with { Primary = theirs, Secondary = ours }];
    }
}
