using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>Changes the server in kubeconfigs, wherever one names the present front end; all else stays to the letter.</summary>
internal static class KubeconfigText
{
    /// <summary>The kubeconfig with the new front end. Clusters of other servers, such as a node's own apiserver, stay.</summary>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="text">The kubeconfig.</param>
    /// <param name="from">The present front end.</param>
    /// <param name="to">The new one.</param>
    /// <exception cref="EtcdDrException"><c>KubeconfigInvalid</c>.</exception>
    public static string WithServer(string place, string text, Uri from, Uri to)
    {
        try
        {
            var yaml = YamlText.Parse(text);
            while (Servers(yaml).FirstOrDefault(s => IsSame(s.Text, from)) is { } server)
            {
                yaml = yaml.Replace(server, to.ToString().TrimEnd('/'));
            }

            return yaml.Text;
        }
        catch (YamlFormatException e)
        {
            throw KubeErrors.KubeconfigInvalid(place, e.Message, e.Line, e);
        }
    }

    /// <summary>Whether a URL leads to a front end.</summary>
    public static bool IsSame(string url, Uri endpoint) =>
        Uri.TryCreate(url, UriKind.Absolute, out var own)
        && own.Port == endpoint.Port
        && string.Equals(own.Host, endpoint.Host, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<YamlElement> Servers(YamlText yaml) =>
        yaml.Documents.SelectMany(d => d["clusters"]?.Items ?? []).Select(c => c["cluster"]?["server"]).OfType<YamlElement>();
}
