using System.Text.Json.Nodes;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror;

/// <summary>
/// What is known of a site: of a live cluster from its API and its nodes, of a snapshot from its files. Null and empty mean unknown; a
/// check says so and does not guess.
/// </summary>
internal sealed record SiteFacts
{
    private static readonly Dictionary<string, string> NoAddresses = [];

    /// <summary>Name for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<SiteNode> Nodes { get; init; }

    /// <summary>Whether it is a cluster that was asked, and no snapshot.</summary>
    public bool IsLive { get; init; }

    /// <summary>When its API was asked, UTC; null for a snapshot.</summary>
    public DateTime? ReadAt { get; init; }

    /// <summary>Why the API could not be asked; null if it could, or where there is none to ask.</summary>
    public EtcdDrException? ApiFailure { get; init; }

    /// <summary>The kube-api endpoint that kubeconfigs name, host and port.</summary>
    public Uri? Server { get; init; }

    /// <summary>Host or address that this machine dials in place of the endpoint's; null for none.</summary>
    public string? ServerAddress { get; init; }

    /// <summary>kubeadm's controlPlaneEndpoint, host and port; null where it is not set or not known.</summary>
    public string? ControlPlaneEndpoint { get; init; }

    /// <summary>Addresses that the endpoint's name has on this machine; empty where it has none or was not asked for.</summary>
    public IReadOnlyList<string> EndpointAddresses { get; init; } = [];

    /// <summary>A program on this machine that a restore may upload; null where the profile names none.</summary>
    public string? UploadTool { get; init; }

    /// <summary>Kubernetes version of the apiserver.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>CIDR of pods.</summary>
    public string? PodCidr { get; init; }

    /// <summary>CIDR of services.</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>Issuer of service-account tokens.</summary>
    public string? ServiceAccountIssuer { get; init; }

    /// <summary>Whether values are encrypted at rest.</summary>
    public bool? EncryptionAtRest { get; init; }

    /// <summary>etcd's version, where no member could be asked.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>Size of the database, bytes; 0 where it is not known.</summary>
    public long DbSize { get; init; }

    /// <summary>Members of etcd.</summary>
    public IReadOnlyList<EtcdMemberStatus> Members { get; init; } = [];

    /// <summary>Objects by resource and group, for example <c>storageclasses.storage.k8s.io</c>. A resource that could not be read is not
    /// in it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> Objects { get; init; } =
        new Dictionary<string, IReadOnlyList<JsonObject>>();

    /// <summary>Control-plane nodes.</summary>
    public IEnumerable<SiteNode> ControlPlane => Nodes.Where(n => n.Role == NodeRole.ControlPlane);

    /// <summary>Nodes that were asked and answered.</summary>
    public IEnumerable<SiteNode> Probed => Nodes.Where(n => n.Probe is not null);

    /// <summary>Objects of a resource; null if they are not known.</summary>
    public IReadOnlyList<JsonObject>? Of(string resource) => Objects.GetValueOrDefault(resource);

    /// <summary>Names of objects of a resource, with the namespace in front where they have one; null if they are not known.</summary>
    public IReadOnlySet<string>? NamesOf(string resource) => Of(resource)?.Select(NameOf).ToHashSet(StringComparer.Ordinal);

    /// <summary>How the site's kube-apiserver is set up, from the first control-plane node that is known; null where none is.</summary>
    public ApiServerConfiguration? ApiServer => ControlPlane.Select(n => n.ApiServer).FirstOrDefault(a => a is not null);

    /// <summary>Names of the nodes in a role, sorted: as the API has them, else as the profile or the snapshot lists them; null if they are
    /// not known.</summary>
    public IReadOnlyList<string>? NodeNames(NodeRole role)
    {
        var nodes =
            Of("nodes")?.Select(n => ClusterNodes.FromObject(n, NoAddresses)).Select(n => (n.Name, n.Role))
            ?? Nodes.Select(n => (n.Name, n.Role));
        var names = nodes.Where(n => n.Role == role).Select(n => n.Name).Order(StringComparer.Ordinal).ToList();

        // A profile may list the control plane alone: that tells nothing of workers.
        return names.Count > 0 || Of("nodes") is not null ? names : null;
    }

    /// <summary>
    /// Whether two sites are one cluster: the same control-plane nodes at the same addresses. A restore into it brings back what was there.
    /// </summary>
    public bool IsSameCluster(SiteFacts other) =>
        ControlPlane.Any()
        && ControlPlane.All(n => n.Address is not null)
        && ControlPlane.Select(n => (n.Name, n.Address)).ToHashSet().SetEquals(other.ControlPlane.Select(n => (n.Name, n.Address)));

    /// <summary>A node's object in the API; null if it is not known.</summary>
    public JsonObject? NodeObject(string name) => Of("nodes")?.FirstOrDefault(n => NameOf(n) == name);

    /// <summary>An object's name, with its namespace in front where it has one.</summary>
    public static string NameOf(JsonObject item)
    {
        var name = InventoryRules.Text(item["metadata"]?["name"]) ?? "";
        return InventoryRules.Text(item["metadata"]?["namespace"]) is { Length: > 0 } place ? $"{place}/{name}" : name;
    }
}
