using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Puts a cluster's settings into the text of a profile; what it does not speak of stays to the letter.</summary>
/// <param name="profile">The profile's path, for messages.</param>
/// <param name="cluster">The cluster's name.</param>
/// <param name="overwrite">Whether keys that say something else are changed.</param>
internal sealed class ProfileMerge(string profile, string cluster, bool overwrite)
{
    private readonly List<string> _differing = [];

    /// <summary>The profile with the settings.</summary>
    /// <param name="before">The profile's text; null for none.</param>
    /// <param name="settings">Keys and sections of the cluster.</param>
    /// <exception cref="EtcdDrException"><c>ProfileClusterExists</c>, <c>ProfileInvalid</c>.</exception>
    public string Merge(string? before, JsonObject settings)
    {
        if (string.IsNullOrWhiteSpace(before))
        {
            return Proven(
                string.Concat(YamlWriter.Block("clusters", new JsonObject { [cluster] = settings.DeepClone() }).Select(line => line + "\n"))
            );
        }

        try
        {
            var text = With(YamlText.Parse(before), settings);
            return _differing.Count == 0 || overwrite ? Proven(text.Text) : throw Exists();
        }
        catch (YamlFormatException e)
        {
            throw ProfileErrors.Invalid(profile, e.Line, e.Message, Errors.ProfileInvalid_Merge_Action, e);
        }
    }

    // Reading it as a profile tells of everything that is wrong in it, also of what was wrong before.
    private string Proven(string text)
    {
        EtcdProfile.Parse(profile, text);
        return text;
    }

    private YamlText With(YamlText text, JsonObject settings)
    {
        if (text.Documents is not [{ Kind: YamlKind.Mapping } root, ..])
        {
            throw ProfileErrors.Invalid(profile, 1, Errors.ProfileInvalid_NoClusters_Part);
        }

        if (root["clusters"] is not { } clusters)
        {
            return text.Add(root, "clusters", new JsonObject { [cluster] = settings.DeepClone() });
        }

        // Names of clusters have no upper and lower case.
        var name = clusters.Entries.FirstOrDefault(e => string.Equals(e.Key, cluster, StringComparison.OrdinalIgnoreCase))?.Key ?? cluster;
        return clusters[name] is null
            ? text.Add(clusters, name, settings.DeepClone())
            : settings.Aggregate(text, (current, setting) => Put(current, ["clusters", name], setting.Key, setting.Value!));
    }

    private YamlText Put(YamlText text, string[] path, string key, JsonNode value)
    {
        var mapping = path.Aggregate(text.Documents[0], (element, step) => element[step]!);
        if (mapping[key] is not { } present)
        {
            return text.Add(mapping, key, value.DeepClone());
        }

        if (value is JsonObject keys)
        {
            return keys.Aggregate(text, (current, entry) => Put(current, [.. path, key], entry.Key, entry.Value!));
        }

        if (YamlComparison.Is(present, value))
        {
            return text;
        }

        _differing.Add($"{string.Join('.', path.Skip(2).Append(key))} (line {present.Line})");
        return overwrite ? text.Replace(present, value) : text;
    }

    private EtcdDrException Exists() =>
        new(
            "ProfileClusterExists",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.ProfileClusterExists.With(profile, cluster, string.Join(", ", _differing)),
            Errors.ProfileClusterExists_Action,
            cluster
        );
}
