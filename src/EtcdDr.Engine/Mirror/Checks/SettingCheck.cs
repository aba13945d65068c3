using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>A setting of the control plane is the same on both sites, on every control-plane node of the secondary.</summary>
/// <param name="name">Name of the check.</param>
/// <param name="what">The setting, as messages call it.</param>
/// <param name="remedy">What to do where it differs.</param>
/// <param name="otherwise">What a difference means.</param>
internal sealed class SettingCheck(string name, string what, string remedy, MirrorStatus otherwise = MirrorStatus.Fail) : IMirrorCheck
{
    public string Name => name;

    public string Category => "Settings";

    /// <summary>Reads the setting of a site where no apiserver's flags tell it.</summary>
    public Func<SiteFacts, string?> OfSite { get; init; } = _ => null;

    /// <summary>Reads the setting from an apiserver's flags.</summary>
    public Func<ApiServerConfiguration, string?> OfApiServer { get; init; } = _ => null;

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var theirs = (primary.ApiServer is { } api ? OfApiServer(api) : null) ?? OfSite(primary);
        var ours = secondary
            .ControlPlane.Where(n => n.ApiServer is not null)
            .Select(n => (Node: (string?)n.Name, Value: OfApiServer(n.ApiServer!)))
            .Where(n => n.Value is not null)
            .DefaultIfEmpty((Node: null, Value: OfSite(secondary)))
            .ToList();
        if (theirs is null || ours[0].Value is null)
        {
            return
            [
                MirrorFinding.Information($"The {what} of one of the sites is not known.") with
                {
                    Primary = theirs,
                    Secondary = ours[0].Value,
                },
            ];
        }

        var others = ours.Where(o => o.Value != theirs).ToList();
        if (others.Count == 0)
        {
            return [MirrorFinding.Pass($"Both sites have the same {what}.") with { Primary = theirs, Secondary = theirs }];
        }

        // What all nodes have alike is the site's and told once.
        return others.Count == ours.Count && others.Select(o => o.Value).Distinct(StringComparer.Ordinal).Count() == 1
            ? [Finding(theirs, others[0].Value!, null)]
            : others.Select(o => Finding(theirs, o.Value!, o.Node));
    }

    private MirrorFinding Finding(string theirs, string ours, string? node) =>
        new(otherwise, $"The {what} of the primary is {theirs}, that of {(node is null ? "the secondary" : $"node '{node}'")} {ours}.")
        {
            Node = node,
            Primary = theirs,
            Secondary = ours,
            Remedy = remedy,
        };
}
