using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Facts of a cluster that a snapshot records and a mirror must share. Null where nothing tells.</summary>
public sealed record ClusterFacts
{
    private const string KubeadmPath = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";

    /// <summary>The apiserver's version, for example v1.36.1.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>kubeadm's <c>controlPlaneEndpoint</c>, host and port.</summary>
    public string? Endpoint { get; init; }

    /// <summary>CIDR of pods, from kubeadm's configuration or the controller manager's <c>--cluster-cidr</c>.</summary>
    public string? PodCidr { get; init; }

    /// <summary>CIDR of services, from the apiserver's flag or kubeadm's configuration.</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>Issuer of service-account tokens, from the apiserver's flag.</summary>
    public string? ServiceAccountIssuer { get; init; }

    /// <summary>Whether the apiserver encrypts at rest; null where its manifest is not at hand.</summary>
    public bool? EncryptionAtRest { get; init; }

    /// <summary>Gathers the facts from the API and from a control-plane node's manifests.</summary>
    /// <param name="api">The API; null where it is away.</param>
    /// <param name="manifests">Manifests of a control-plane node; null where none are at hand.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<ClusterFacts> ReadAsync(KubeApi? api, NodeManifests? manifests, CancellationToken cancellationToken)
    {
        if (api is null)
        {
            return From(null, null, manifests);
        }

        var version = api.VersionAsync(cancellationToken);
        var kubeadm = KubeadmAsync(api, cancellationToken);
        await Task.WhenAll(version, kubeadm);
        return From((await version).GitVersion, await kubeadm, manifests);
    }

    internal static ClusterFacts From(string? version, string? kubeadm, NodeManifests? manifests)
    {
        var configuration = Parse(kubeadm);
        var networking = configuration?["networking"];
        var apiServer = manifests?.ApiServer;
        return new ClusterFacts
        {
            KubernetesVersion = version ?? configuration?.TextOf("kubernetesVersion"),
            Endpoint = configuration?.TextOf("controlPlaneEndpoint"),
            PodCidr = networking?.TextOf("podSubnet") ?? manifests?.ControllerManager?.Flags.Last("cluster-cidr"),
            ServiceCidr = apiServer?.ServiceClusterIpRange ?? networking?.TextOf("serviceSubnet"),
            ServiceAccountIssuer = apiServer is { ServiceAccountIssuers: [var issuer, ..] } ? issuer : null,
            EncryptionAtRest = apiServer is null ? null : apiServer.EncryptionProviderConfig is not null,
        };
    }

    /// <summary>kubeadm's ClusterConfiguration as the cluster keeps it; null where there is none.</summary>
    internal static async Task<string?> KubeadmAsync(KubeApi api, CancellationToken cancellationToken) =>
        InventoryRules.Text((await api.FindAsync(KubeadmPath, cancellationToken))?["data"]?["ClusterConfiguration"]);

    private static YamlElement? Parse(string? kubeadm)
    {
        if (kubeadm is null)
        {
            return null;
        }

        try
        {
            return YamlReader.Read(kubeadm, lastKeyWins: true);
        }
        catch (YamlFormatException)
        {
            // Facts are what can be known; a broken map is kept in the inventory as it is.
            return null;
        }
    }
}
