namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The set of admission plugins and authorization modes is the same on both sites.</summary>
internal sealed class AdmissionCheck : IMirrorCheck
{
    public string Name => "Admission";

    public string Category => "Settings";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.Admission is not { } theirs || secondary.Admission is not { } ours)
        {
            return [MirrorFinding.Information("The set of admission plugins and authorization modes of one of the sites is not known.")];
        }

        var finding = theirs == ours
            ? MirrorFinding.Pass("Both sites have the same set of admission plugins and authorization modes.")
            : MirrorFinding.Warning($"The set of admission plugins and authorization modes of the primary is {theirs}, that of the secondary {ours}.", "Set the same flags of kube-apiserver on both sites.");
        return [finding with { Primary = theirs, Secondary = ours }];
    }
}
