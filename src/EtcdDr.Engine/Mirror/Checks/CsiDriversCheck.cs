namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the CSI drivers of the primary.</summary>
internal sealed class CsiDriversCheck : IMirrorCheck
{
    public string Name => "CsiDrivers";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf("csidrivers.storage.k8s.io") is not { } theirs || secondary.NamesOf("csidrivers.storage.k8s.io") is not { } ours)
        {
            return [MirrorFinding.Information("The CSI drivers of one of the sites are not known.")];
        }

        var missing = theirs.Except(ours).Order(StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? [MirrorFinding.Pass($"The secondary has all {theirs.Count} CSI drivers of the primary.")]
            : [MirrorFinding.Warning(
                $"The secondary lacks the CSI drivers {string.Join(", ", missing)}.",
                "A restore brings the objects; make sure that what stands behind them works on the secondary.") with { Primary = string.Join(", ", missing) }];
    }
}
