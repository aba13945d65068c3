namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the ingress classes of the primary.</summary>
internal sealed class IngressClassesCheck : IMirrorCheck
{
    public string Name => "IngressClasses";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf("ingressclasses.networking.k8s.io") is not { } theirs || secondary.NamesOf("ingressclasses.networking.k8s.io") is not { } ours)
        {
            return [MirrorFinding.Information("The ingress classes of one of the sites are not known.")];
        }

        var missing = theirs.Except(ours).Order(StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? [MirrorFinding.Pass($"The secondary has all {theirs.Count} ingress classes of the primary.")]
            : [MirrorFinding.Warning(
                $"The secondary lacks the ingress classes {string.Join(", ", missing)}.",
                "A restore brings the objects; make sure that what stands behind them works on the secondary.") with { Primary = string.Join(", ", missing) }];
    }
}
