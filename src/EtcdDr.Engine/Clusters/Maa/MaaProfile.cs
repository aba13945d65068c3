using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Makes a cluster of a profile out of a <c>maak8s.env</c> and a kubeconfig.</summary>
public sealed class MaaProfile
{
    private const int MaximumLength = 1024 * 1024;

    private readonly string? _before;

    private MaaProfile(string source, string profile, string cluster, MaaVariables variables, string? before, string after)
    {
        _before = before;
        Text = after;
        Conversion = new MaaConversion
        {
            Source = source,
            ProfilePath = profile,
            Cluster = cluster,
            Changed = before != after,
            CarriedOver = variables.CarriedOver,
            NotCarriedOver = variables.Notes,
        };
    }

    /// <summary>The whole profile as it will be, with what it held before.</summary>
    public string Text { get; }

    /// <summary>What becomes of the file's variables.</summary>
    public MaaConversion Conversion { get; }

    /// <summary>What is done to the profile, in words and with the lines that are new.</summary>
    public string Plan
    {
        get
        {
            var known = (_before ?? "").ReplaceLineEndings("\n").Split('\n').ToHashSet(StringComparer.Ordinal);
            var added = Text.ReplaceLineEndings("\n").Split('\n').Where(l => !known.Contains(l));
            return Conversion.Changed
                ? $"{(_before is null ? "Write" : "Change")} the profile {Conversion.ProfilePath}, with these lines for cluster "
                    + $"'{Conversion.Cluster}':\n{string.Join('\n', added)}"
                : $"The profile {Conversion.ProfilePath} says this of cluster '{Conversion.Cluster}' already.";
        }
    }

    /// <summary>Reads and converts; writes nothing yet.</summary>
    /// <param name="source">The environment file; it is never executed.</param>
    /// <param name="kubeconfig">The cluster's kubeconfig.</param>
    /// <param name="context">The context; null for the current one.</param>
    /// <param name="profile">The profile: one that is there keeps its text and gets what it lacks.</param>
    /// <param name="cluster">The cluster's name in the profile.</param>
    /// <param name="overwrite">Whether keys of that cluster that say something else are changed.</param>
    /// <exception cref="EtcdDrException">
    /// <c>MaaEnvironmentUnreadable</c>, <c>ProfileClusterExists</c>, <c>ProfileInvalid</c>, <c>ProfileUnreadable</c>, or what the
    /// kubeconfig says.
    /// </exception>
    public static MaaProfile Convert(string source, string kubeconfig, string? context, string profile, string cluster, bool overwrite)
    {
        Kubeconfig.Load(kubeconfig).Context(context);
        var variables = MaaVariables.Convert(source, MaaEnvironment.Parse(Read(source)));
        var settings = new JsonObject { ["kubeconfig"] = kubeconfig };
        if (context is not null)
        {
            settings["context"] = context;
        }

        foreach (var (section, keys) in variables.Settings)
        {
            settings[section] = keys!.DeepClone();
        }

        var before = File.Exists(profile) ? ReadProfile(profile) : null;
        var after = new ProfileMerge(profile, cluster, overwrite).Merge(before, settings);
        return new MaaProfile(source, profile, cluster, variables, before, after);
    }

    /// <summary>Writes the profile, whole or not at all. One that is there keeps its permissions.</summary>
    /// <exception cref="EtcdDrException"><c>ProfileUnwritable</c>.</exception>
    public void Write()
    {
        if (!Conversion.Changed)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Conversion.ProfilePath)!);
            LocalText.Replace(Conversion.ProfilePath, Text, LocalText.ByUmask);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdDrException(
                "ProfileUnwritable",
                EtcdDrErrorCategory.WriteError,
                Errors.ProfileUnwritable.With(Conversion.ProfilePath, e.Message.TrimEnd('.')),
                Errors.ProfileUnwritable_Action,
                Conversion.ProfilePath,
                e
            );
        }
    }

    private static string Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaximumLength
                ? File.ReadAllText(path)
                : throw Unreadable(path, Errors.MaaEnvironmentUnreadable_TooLarge_Part, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    private static EtcdDrException Unreadable(string path, string cause, Exception? inner) =>
        new(
            "MaaEnvironmentUnreadable",
            inner is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
            Errors.MaaEnvironmentUnreadable.With(path, cause.TrimEnd('.')),
            Errors.MaaEnvironmentUnreadable_Action,
            path,
            inner
        );

    private static string ReadProfile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProfileErrors.Unreadable(path, e);
        }
    }
}
