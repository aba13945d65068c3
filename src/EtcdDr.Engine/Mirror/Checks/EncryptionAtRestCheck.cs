namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Both sites encrypt values at rest, or neither does; all apiservers of the secondary alike.</summary>
internal sealed class EncryptionAtRestCheck : IMirrorCheck
{
    public string Name => "EncryptionAtRest";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var theirs = primary.EncryptionAtRest ?? (primary.ApiServer is { } api ? api.EncryptionProviderConfig is not null : (bool?)null);
        var ours = secondary
            .ControlPlane.Where(n => n.ApiServer is not null)
            .Select(n => (n.Name, Encrypts: n.ApiServer!.EncryptionProviderConfig is not null))
            .ToList();
        if (theirs is null || (ours.Count == 0 && secondary.EncryptionAtRest is null))
        {
            return [MirrorFinding.Information("Whether values are encrypted at rest is not known of one of the sites.")];
        }

        if (ours.Count == 0)
        {
            ours = [(secondary.Name, secondary.EncryptionAtRest!.Value)];
        }

        var others = ours.Where(o => o.Encrypts != theirs).Select(o => o.Name).ToList();
        var finding =
            others.Count == 0
                ? MirrorFinding.Pass(theirs.Value ? "Both sites encrypt values at rest." : "Neither site encrypts values at rest.")
                : Differs(theirs.Value, others.Count == ours.Count ? "the secondary" : $"the apiserver of {string.Join(", ", others)}");
        return [finding with { Primary = Text(theirs.Value), Secondary = Text(others.Count == 0 ? theirs.Value : !theirs.Value) }];
    }

    private static MirrorFinding Differs(bool primaryEncrypts, string ours) =>
        primaryEncrypts
            ? MirrorFinding.Fail(
                $"The primary encrypts values at rest, {ours} does not.",
                "Give every apiserver of the secondary an --encryption-provider-config; a restore brings the primary's keys into that file."
            )
            : MirrorFinding.Fail(
                $"The primary does not encrypt values at rest, {ours} does and must be able to read plain ones.",
                "Make sure that the secondary's encryption configuration ends with the provider 'identity' and pass over this check, "
                    + "or encrypt on both sites alike."
            );

    private static string Text(bool encrypts) => encrypts ? "yes" : "no";
}
