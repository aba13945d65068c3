namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the priority classes of the primary.</summary>
internal sealed class PriorityClassesCheck : IMirrorCheck
{
    public string Name => "PriorityClasses";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf("priorityclasses.scheduling.k8s.io") is not { } theirs || secondary.NamesOf("priorityclasses.scheduling.k8s.io") is not { } ours)
        {
            return [MirrorFinding.Information("The priority classes of one of the sites are not known.")];
        }

        var missing = theirs.Except(ours).Order(StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? [MirrorFinding.Pass($"The secondary has all {theirs.Count} priority classes of the primary.")]
            : [MirrorFinding.Warning(
                $"The secondary lacks the priority classes {string.Join(", ", missing)}.",
                "A restore brings the objects; make sure that what stands behind them works on the secondary.") with { Primary = string.Join(", ", missing) }];
    }
}
