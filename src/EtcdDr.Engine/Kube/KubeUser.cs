using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Kube;

/// <summary>A user out of a kubeconfig that is no file of this machine. It stays in memory.</summary>
/// <param name="Place">Where it came from, for messages.</param>
/// <param name="Entry">The user's entry: a client certificate with its key, or a token, as data.</param>
internal sealed record KubeUser(string Place, YamlElement Entry)
{
    // What an entry may hold. Files would be looked for on this machine, and programs run there.
    private static readonly HashSet<string> Data = new(StringComparer.Ordinal) { "client-certificate-data", "client-key-data", "token" };

    /// <summary>The user of a kubeconfig's current context; null where it has none that is data alone.</summary>
    /// <param name="place">Where the text came from.</param>
    /// <param name="text">The kubeconfig.</param>
    public static KubeUser? Read(string place, string text)
    {
        try
        {
            return
                Kubeconfig.Parse(place, text).UserOfCurrentContext() is { Kind: YamlKind.Mapping } entry
                && entry.Entries.All(e => Data.Contains(e.Key))
                ? new KubeUser(place, entry)
                : null;
        }
        catch (EtcdDrException)
        {
            // A file that is no kubeconfig lets nobody in; whoever asks says that nobody was found.
            return null;
        }
    }
}
