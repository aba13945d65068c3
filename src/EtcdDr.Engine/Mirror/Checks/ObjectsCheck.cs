namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the primary's objects of a kind that workloads refer to by name.</summary>
/// <param name="name">Name of the check.</param>
/// <param name="resource">The resource.</param>
/// <param name="what">What the objects are called, in the plural.</param>
internal sealed class ObjectsCheck(string name, string resource, string what) : IMirrorCheck
{
    public string Name => name;

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf(resource) is not { } theirs || secondary.NamesOf(resource) is not { } ours)
        {
            return [MirrorFinding.Information($"The {what} of one of the sites are not known.")];
        }

        var missing = string.Join(", ", theirs.Except(ours).Order(StringComparer.Ordinal));
        return missing.Length == 0
            ? [MirrorFinding.Pass($"The secondary has all {theirs.Count} {what} of the primary.")]
            :
            [
                MirrorFinding.Warning(
                    $"The secondary lacks the {what} {missing}.",
                    "A restore brings the objects; make sure that what stands behind them works on the secondary."
                ) with
                {
                    Primary = missing,
                },
            ];
    }
}
