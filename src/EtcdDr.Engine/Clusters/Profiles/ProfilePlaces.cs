using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Reads <c>places</c>: where snapshots are kept, and for how long.</summary>
internal static class ProfilePlaces
{
    private const int Most = 100_000;

    public static IEnumerable<ProfilePlace> Read(string file, ProfileSection? places) =>
        (places?.Entries ?? []).Select(entry => Read(file, entry));

    private static ProfilePlace Read(string file, YamlEntry entry)
    {
        var section = new ProfileSection(file, Errors.ProfileInvalid_Place_Part.With(entry.Key), entry.Value);
        section.Allow("path", "keep");
        var path = section.Text("path") ?? throw section.Invalid(entry.Line, Errors.ProfileInvalid_NoPath_Part.With(entry.Key));
        var place = SnapshotLocation.IsRemote(path) ? path : ProfileLocator.Expand(path, Path.GetDirectoryName(file)!);
        return new ProfilePlace(entry.Key, entry.Line, place, section.Section("keep") is { } keep ? Keep(keep) : null);
    }

    private static ProfileKeep Keep(ProfileSection keep)
    {
        keep.Allow("last", "daily", "weekly", "monthly", "labels");
        var rules = new ProfileKeep(
            keep.Integer("last", 0, Most) ?? 0,
            keep.Integer("daily", 0, Most) ?? 0,
            keep.Integer("weekly", 0, Most) ?? 0,
            keep.Integer("monthly", 0, Most) ?? 0,
            keep.List("labels")?.Select(l => l.Text).ToList() ?? []
        );

        // Nothing but the last good one would stay; whoever wants that can say 'last: 1'.
        return rules is { Last: 0, Daily: 0, Weekly: 0, Monthly: 0 }
            ? throw keep.Invalid(keep.Line, Errors.ProfileInvalid_NoRule_Part.With(keep.Name))
            : rules;
    }
}
