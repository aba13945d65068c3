using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>kubeadm's ClusterConfiguration as it stands in a config map or a file, among other documents maybe; changed where it
/// stands.</summary>
internal sealed class KubeadmText
{
    private const string Kind = "ClusterConfiguration";

    private readonly string _place;
    private readonly YamlText _text;

    private KubeadmText(string place, YamlText text)
    {
        _place = place;
        _text = text;
        Cluster =
            text.Documents.FirstOrDefault(d => d.TextOf("kind") == Kind)
            ?? throw AliasErrors.KubeadmConfigurationInvalid(place, Errors.KubeadmConfigurationInvalid_Kind_Part.With(Kind));
    }

    /// <summary>The text.</summary>
    public string Text => _text.Text;

    /// <summary>The front end, as <c>host</c> or <c>host:port</c>; null where none is set.</summary>
    public string? Endpoint => Cluster.TextOf("controlPlaneEndpoint");

    /// <summary>How long certificates are valid.</summary>
    public TimeSpan CertificateValidity =>
        ServingCertificate.Duration(Cluster.TextOf("certificateValidityPeriod")) ?? TimeSpan.FromDays(365);

    private YamlElement Cluster { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="EtcdDrException"><c>KubeadmConfigurationInvalid</c>.</exception>
    public static KubeadmText Parse(string place, string text)
    {
        try
        {
            return new KubeadmText(place, YamlText.Parse(text));
        }
        catch (YamlFormatException e)
        {
            throw AliasErrors.KubeadmConfigurationInvalid(place, Errors.KubeadmConfigurationInvalid_Line_Part.With(e.Line, e.Message), e);
        }
    }

    /// <summary>With names among <c>apiServer.certSANs</c>; those that are there already stay as they are.</summary>
    public KubeadmText WithNames(IEnumerable<string> names) => names.Aggregate(this, (text, name) => text.WithName(name));

    /// <summary>With another front end.</summary>
    public KubeadmText WithEndpoint(string endpoint) => WithScalar("controlPlaneEndpoint", endpoint);

    /// <summary>As input for one phase of kubeadm on one node: certificates go into another directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="address">The address that its apiserver advertises; null for kubeadm's guess.</param>
    /// <param name="port">The apiserver's port.</param>
    public string ForNode(string directory, string node, string? address, int port)
    {
        var cluster = WithScalar("certificatesDir", directory);
        var endpoint = new JsonObject { ["bindPort"] = port };
        if (address is not null)
        {
            endpoint["advertiseAddress"] = address;
        }

        // JSON is YAML. Other documents of a file, kubelet's configuration say, would not disturb, but say nothing here either.
        var own = new JsonObject
        {
            ["apiVersion"] = Cluster.TextOf("apiVersion"),
            ["kind"] = "InitConfiguration",
            ["localAPIEndpoint"] = endpoint,
            ["nodeRegistration"] = new JsonObject { ["name"] = node },
        };
        return string.Create(CultureInfo.InvariantCulture, $"{cluster.Text.TrimEnd()}\n---\n{own.ToJsonString()}\n");
    }

    private KubeadmText WithName(string name) =>
        Change(text =>
        {
            if (Cluster["apiServer"] is not { } apiServer)
            {
                return text.Add(Cluster, "apiServer", new JsonObject { ["certSANs"] = new JsonArray(name) });
            }

            if (apiServer["certSANs"] is not { } names)
            {
                return text.Add(apiServer, "certSANs", new JsonArray(name));
            }

            return names.Items.Any(i => string.Equals(i.Text, name, StringComparison.OrdinalIgnoreCase)) ? text : text.Append(names, name);
        });

    private KubeadmText WithScalar(string key, string value) =>
        Change(text =>
            Cluster[key] switch
            {
                null => text.Add(Cluster, key, value),
                { } present when present.Text == value => text,
                { } present => text.Replace(present, value),
            }
        );

    private KubeadmText Change(Func<YamlText, YamlText> change)
    {
        try
        {
            var changed = change(_text);
            return ReferenceEquals(changed, _text) ? this : new KubeadmText(_place, changed);
        }
        catch (YamlFormatException e)
        {
            throw AliasErrors.KubeadmConfigurationInvalid(_place, Errors.KubeadmConfigurationInvalid_Line_Part.With(e.Line, e.Message), e);
        }
    }
}
