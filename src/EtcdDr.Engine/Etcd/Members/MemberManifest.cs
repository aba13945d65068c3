using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>
/// Makes the manifest with which a node's etcd joins others: the node's own, or where it has none that of a member, with this node's name
/// and address. Only what must differ is changed, in the text (decision 34); all else, images, limits, probes, stays. Pure.
/// </summary>
internal static class MemberManifest
{
    private const string Name = "name";
    private const string InitialCluster = "initial-cluster";
    private const string State = "initial-cluster-state";

    /// <summary>The node's own manifest, set to join.</summary>
    /// <param name="own">The node's etcd.</param>
    /// <param name="initialCluster">All members, this one included.</param>
    /// <exception cref="EtcdDrException"><c>ManifestUnsupported</c>: it cannot be changed safely.</exception>
    public static string Of(EtcdMemberConfiguration own, string initialCluster) => Joining(own.Manifest, initialCluster);

    /// <summary>A manifest after the pattern of a member.</summary>
    /// <param name="pattern">The member's etcd.</param>
    /// <param name="node">Name of the node that it is for.</param>
    /// <param name="address">Address of the node, as its peers reach it.</param>
    /// <param name="initialCluster">All members, this one included.</param>
    /// <exception cref="EtcdDrException"><c>ManifestUnsupported</c>: it cannot be changed safely.</exception>
    public static string After(EtcdMemberConfiguration pattern, string node, string address, string initialCluster)
    {
        var theirs = pattern.InitialAdvertisePeerUrls[0].DnsSafeHost;
        var text = Translated(pattern.Manifest, theirs, address);
        text = WithFlag(pattern.Manifest, text, Name, node);
        return Joining(StaticPodManifest.Parse(node, pattern.ManifestPath, text), initialCluster);
    }

    private static string Joining(StaticPodManifest manifest, string initialCluster)
    {
        var text = WithFlag(manifest, manifest.Text, InitialCluster, initialCluster);
        return WithFlag(manifest, text, State, "existing");
    }

    // One scalar after the other, since each change moves those behind it. --initial-cluster is made anew anyway.
    private static string Translated(StaticPodManifest manifest, string theirs, string ours)
    {
        if (theirs == ours)
        {
            return manifest.Text;
        }

        var after = theirs.Contains(':', StringComparison.Ordinal) ? @"(?![\w.:])" : @"(?![\w.])";
        var address = new Regex($@"(?<![\w.:]){Regex.Escape(theirs)}{after}", RegexOptions.CultureInvariant);
        var yaml = Read(manifest, manifest.Text);
        while (Scalars(yaml.Documents).FirstOrDefault(s => !IsFlag(s.Text, InitialCluster) && address.IsMatch(s.Text)) is { } found)
        {
            yaml = Change(manifest, () => yaml.Replace(found, JsonValue.Create(address.Replace(found.Text, ours))));
        }

        return yaml.Text;
    }

    private static string WithFlag(StaticPodManifest manifest, string text, string flag, string value)
    {
        var yaml = Read(manifest, text);
        var words = Words(yaml, manifest.ContainerName);
        var item = words.SelectMany(w => w.Items).LastOrDefault(i => IsFlag(i.Text, flag));
        if (item is not null)
        {
            return Change(manifest, () => yaml.Replace(item, JsonValue.Create($"--{flag}={value}"))).Text;
        }

        if (words.Count == 0 || manifest.Flags.Names.Contains(flag))
        {
            throw Unsupported(manifest, flag);
        }

        return Change(manifest, () => yaml.Append(words[^1], $"--{flag}={value}")).Text;
    }

    private static bool IsFlag(string word, string flag) => word.TrimStart('-').StartsWith($"{flag}=", StringComparison.Ordinal);

    // The words of the main container's command and arguments, in which etcd's flags stand.
    private static List<YamlElement> Words(YamlText yaml, string container)
    {
        var containers = yaml.Documents.SelectMany(d => d["spec"]?["containers"]?.Items ?? []).ToList();
        var main = containers.FirstOrDefault(c => c.TextOf("name") == container) ?? containers.FirstOrDefault();
        return [.. new[] { main?["command"], main?["args"] }.OfType<YamlElement>().Where(w => w.Kind == YamlKind.Sequence)];
    }

    private static IEnumerable<YamlElement> Scalars(IEnumerable<YamlElement> elements) =>
        elements.SelectMany(e =>
            e.Kind == YamlKind.Scalar ? [e] : Scalars(e.Kind == YamlKind.Sequence ? e.Items : e.Entries.Select(entry => entry.Value))
        );

    private static YamlText Read(StaticPodManifest manifest, string text) => Change(manifest, () => YamlText.Parse(text));

    private static YamlText Change(StaticPodManifest manifest, Func<YamlText> change)
    {
        try
        {
            return change();
        }
        catch (YamlFormatException e)
        {
            throw ManifestErrors.Unsupported(
                manifest.Node,
                Errors.ManifestUnsupported_Change.With(manifest.Path, manifest.Node, e.Line, e.Message),
                Errors.ManifestUnsupported_Change_Action
            );
        }
    }

    private static EtcdDrException Unsupported(StaticPodManifest manifest, string flag) =>
        ManifestErrors.Unsupported(
            manifest.Node,
            Errors.ManifestUnsupported_Flag.With(manifest.Path, manifest.Node, flag),
            Errors.ManifestUnsupported_Flag_Action.With(flag)
        );
}
