using System.Globalization;
using System.Net;

namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>How kube-apiserver is set up on one control-plane node, from its static-pod manifest. Paths of files are those on the
/// node.</summary>
public sealed record ApiServerConfiguration
{
    private const int DefaultSecurePort = 6443;

    private ApiServerConfiguration() { }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary><c>--etcd-servers</c>.</summary>
    public required IReadOnlyList<string> EtcdServers { get; init; }

    /// <summary><c>--etcd-cafile</c> on the node: the CA of etcd's serving certificates.</summary>
    public string? EtcdCaFile { get; init; }

    /// <summary><c>--etcd-certfile</c> on the node: the apiserver's client certificate for etcd.</summary>
    public string? EtcdCertFile { get; init; }

    /// <summary><c>--etcd-keyfile</c> on the node.</summary>
    public string? EtcdKeyFile { get; init; }

    /// <summary><c>--etcd-prefix</c>; <c>/registry</c> where it is not set.</summary>
    public required string EtcdPrefix { get; init; }

    /// <summary><c>--advertise-address</c>; null where it is not set.</summary>
    public string? AdvertiseAddress { get; init; }

    /// <summary><c>--bind-address</c>; null where it is not set (all addresses).</summary>
    public string? BindAddress { get; init; }

    /// <summary><c>--secure-port</c>; 6443 where it is not set.</summary>
    public required int SecurePort { get; init; }

    /// <summary><c>--service-account-key-file</c> on the node: public (or private) keys that service-account tokens are checked
    /// with.</summary>
    public required IReadOnlyList<string> ServiceAccountKeyFiles { get; init; }

    /// <summary><c>--service-account-signing-key-file</c> on the node; null where it is not set.</summary>
    public string? ServiceAccountSigningKeyFile { get; init; }

    /// <summary><c>--service-account-issuer</c>, the first being the one that tokens are issued with.</summary>
    public required IReadOnlyList<string> ServiceAccountIssuers { get; init; }

    /// <summary><c>--service-cluster-ip-range</c>; two ranges, separated by a comma, for dual stack. Null where it is not set.</summary>
    public string? ServiceClusterIpRange { get; init; }

    /// <summary><c>--encryption-provider-config</c> on the node; null where nothing is encrypted at rest.</summary>
    public string? EncryptionProviderConfig { get; init; }

    /// <summary><c>--client-ca-file</c> on the node.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary><c>--tls-cert-file</c> on the node.</summary>
    public string? TlsCertFile { get; init; }

    /// <summary><c>--tls-private-key-file</c> on the node.</summary>
    public string? TlsPrivateKeyFile { get; init; }

    /// <summary><c>--enable-admission-plugins</c>, sorted.</summary>
    public required IReadOnlyList<string> EnabledAdmissionPlugins { get; init; }

    /// <summary><c>--disable-admission-plugins</c>, sorted.</summary>
    public required IReadOnlyList<string> DisabledAdmissionPlugins { get; init; }

    /// <summary><c>--admission-control-config-file</c> on the node; null where it is not set.</summary>
    public string? AdmissionControlConfigFile { get; init; }

    /// <summary><c>--authorization-mode</c>, in order.</summary>
    public required IReadOnlyList<string> AuthorizationModes { get; init; }

    /// <summary><c>--feature-gates</c>, sorted.</summary>
    public required IReadOnlyList<string> FeatureGates { get; init; }

    /// <summary><c>--runtime-config</c>, sorted.</summary>
    public required IReadOnlyList<string> RuntimeConfig { get; init; }

    /// <summary>The container's image.</summary>
    public required string Image { get; init; }

    /// <summary>Path of the manifest on the node.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>All flags, for what has no property here.</summary>
    public required CommandLineFlags Flags { get; init; }

    /// <summary>Whether etcd on this very node is used: every server is a loopback address or the node's own advertised address.</summary>
    public bool UsesLocalEtcd => EtcdServers.Count > 0 && EtcdServers.All(s => IsLocal(s, AdvertiseAddress));

    /// <summary>Whether all servers are the node's own loopback, as kubeadm sets a stacked etcd up; another address may as well be an etcd
    /// that runs beside Kubernetes.</summary>
    public bool UsesLoopbackEtcd => EtcdServers.Count > 0 && EtcdServers.All(s => IsLocal(s, null));

    /// <summary>What <c>--etcd-servers-overrides</c> keeps in another etcd, as it stands there: <c>/events#https://...</c>; no snapshot of
    /// this one holds it.</summary>
    public IReadOnlyList<string> EtcdServersOverrides => Flags.List("etcd-servers-overrides");

    /// <summary>Reads the configuration out of a manifest.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestInvalid</c> or <c>ManifestUnsupported</c>, naming node and file.</exception>
    public static ApiServerConfiguration From(StaticPodManifest manifest)
    {
        manifest.RefuseShell();
        var flags = manifest.Flags;
        var servers = flags.List("etcd-servers");
        return new ApiServerConfiguration
        {
            Node = manifest.Node,
            EtcdServers =
                servers.Count > 0
                    ? servers
                    : throw ManifestErrors.Invalid(manifest.Node, manifest.Path, Errors.ManifestInvalid_NoEtcdServers_Part),
            EtcdCaFile = manifest.HostPathOfFlag("etcd-cafile"),
            EtcdCertFile = manifest.HostPathOfFlag("etcd-certfile"),
            EtcdKeyFile = manifest.HostPathOfFlag("etcd-keyfile"),
            EtcdPrefix = flags.Last("etcd-prefix") ?? "/registry",
            AdvertiseAddress = flags.Last("advertise-address"),
            BindAddress = flags.Last("bind-address"),
            SecurePort = Port(manifest),
            ServiceAccountKeyFiles =
            [
                .. flags.All("service-account-key-file").Select(f => manifest.RequireHostPath("service-account-key-file", f)),
            ],
            ServiceAccountSigningKeyFile = manifest.HostPathOfFlag("service-account-signing-key-file"),
            ServiceAccountIssuers = flags.All("service-account-issuer"),
            ServiceClusterIpRange = flags.Last("service-cluster-ip-range"),
            EncryptionProviderConfig = manifest.HostPathOfFlag("encryption-provider-config"),
            ClientCaFile = manifest.HostPathOfFlag("client-ca-file"),
            TlsCertFile = manifest.HostPathOfFlag("tls-cert-file"),
            TlsPrivateKeyFile = manifest.HostPathOfFlag("tls-private-key-file"),
            EnabledAdmissionPlugins = Sorted(flags, "enable-admission-plugins"),
            DisabledAdmissionPlugins = Sorted(flags, "disable-admission-plugins"),
            AdmissionControlConfigFile = manifest.HostPathOfFlag("admission-control-config-file"),
            AuthorizationModes = flags.List("authorization-mode"),
            FeatureGates = Sorted(flags, "feature-gates"),
            RuntimeConfig = Sorted(flags, "runtime-config"),
            Image = manifest.Image,
            ManifestPath = manifest.Path,
            Flags = flags,
        };
    }

    private static int Port(StaticPodManifest manifest)
    {
        var text = manifest.Flags.Last("secure-port");
        if (text is null)
        {
            return DefaultSecurePort;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw ManifestErrors.Invalid(manifest.Node, manifest.Path, Errors.ManifestInvalid_Port_Part.With(text));
    }

    private static string[] Sorted(CommandLineFlags flags, string name) => [.. flags.List(name).Order(StringComparer.Ordinal)];

    private static bool IsLocal(string server, string? own)
    {
        // etcd-servers takes URLs; a bare host:port is read as one.
        var text = server.Contains("://", StringComparison.Ordinal) ? server : $"https://{server}";
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (IsLoopback(url) || SameAddress(url.Host, own));
    }

    private static bool IsLoopback(Uri url) =>
        string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool SameAddress(string host, string? address) =>
        address is not null
        && (
            string.Equals(host, address, StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var a) && IPAddress.TryParse(address, out var b) && a.Equals(b))
        );
}
