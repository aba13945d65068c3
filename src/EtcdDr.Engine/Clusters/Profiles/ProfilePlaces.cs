using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Reads <c>places</c>: where snapshots are kept, and for how long.</summary>
internal static class ProfilePlaces
{
    private const int Most = 100_000;

    private static readonly string[] DirectoryKeys = ["path", "keep"];
    private static readonly string[] StorageKeys = ["endpoint", "region", "pathStyle", "ca", "secret"];

    public static IEnumerable<ProfilePlace> Read(string file, ProfileSection? places) =>
        (places?.Entries ?? []).Select(entry => Read(file, entry));

    private static ProfilePlace Read(string file, YamlEntry entry)
    {
        var section = new ProfileSection(file, Errors.ProfileInvalid_Place_Part.With(entry.Key), entry.Value);
        section.Allow([.. DirectoryKeys, .. StorageKeys]);
        var path = section.Text("path") ?? throw section.Invalid(entry.Line, Errors.ProfileInvalid_NoPath_Part.With(entry.Key));
        var place = SnapshotLocation.IsRemote(path) ? path : ProfileLocator.Expand(path, Path.GetDirectoryName(file)!);
        var read = new ProfilePlace(entry.Key, entry.Line, place, section.Section("keep") is { } keep ? Keep(keep) : null);
        return ObjectAddress.IsOne(path) ? InStorage(read, section, path) : InDirectory(read, section);
    }

    private static ProfilePlace InDirectory(ProfilePlace place, ProfileSection section) =>
        section.Entries.FirstOrDefault(e => StorageKeys.Contains(e.Key, StringComparer.Ordinal)) is { } foreign
            ? throw section.Invalid(foreign.Line, Errors.ProfileInvalid_StorageOnly_Part.With(foreign.Key, place.Name))
            : place;

    private static ProfilePlace InStorage(ProfilePlace place, ProfileSection section, string path)
    {
        if (ObjectAddress.Parse(path) is null)
        {
            throw section.Invalid(place.Line, Errors.InvalidLocation_Object_Part);
        }

        var secret = section.Text("secret") is { } text
            ? SecretReference.Parse(text)
                ?? throw section.Wrong("secret", section.Value("secret")!, Errors.ProfileInvalid_SecretReference_Part)
            : null;
        var ca = section.File("ca", "PlaceCaUnusable");
        return place with
        {
            Secret = secret,
            Files = ca is null ? [] : [ca],
            Storage = new PlaceSettings
            {
                Endpoint = section.Text("endpoint") is { } endpoint ? Endpoint(section, endpoint) : null,
                Region = section.Text("region"),
                PathStyle = section.Boolean("pathStyle"),
                CaFile = ca?.Path,
                SecretName = secret?.ToString(),
            },
        };
    }

    private static Uri Endpoint(ProfileSection section, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.UserInfo.Length == 0
        && uri.Query.Length == 0
            ? uri
            : throw section.Invalid(section.Value("endpoint")!.Line, Errors.ProfileInvalid_Endpoint_Part);

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
