namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Both sites encrypt values at rest, or neither does.</summary>
internal sealed class EncryptionAtRestCheck : IMirrorCheck
{
    public string Name => "EncryptionAtRest";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.EncryptionAtRest is not { } theirs || secondary.EncryptionAtRest is not { } ours)
        {
            return [MirrorFinding.Information("Whether values are encrypted at rest is not known of one of the sites.")];
        }

        var finding = theirs == ours
            ? MirrorFinding.Pass(ours ? "Both sites encrypt values at rest." : "Neither site encrypts values at rest.")
            : MirrorFinding.Fail(
                theirs ? "The primary encrypts values at rest, the secondary does not." : "The secondary encrypts values at rest, the primary does not.",
                "Configure encryption at rest on both sites alike; a restore brings the primary's keys.");
        return [finding with { Primary = theirs ? "yes" : "no", Secondary = ours ? "yes" : "no" }];
    }
}
