namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>
/// How etcd is set up on one control-plane node, from its static-pod manifest: flags, then <c>ETCD_*</c> of the container's environment,
/// then etcd's defaults. Paths of certificates and keys are those on the node.
/// </summary>
public sealed record EtcdMemberConfiguration
{
    private EtcdMemberConfiguration() { }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary><c>--name</c>: the member's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>--data-dir</c> as the container sees it.</summary>
    public required string DataDir { get; init; }

    /// <summary>Where <see cref="DataDir"/> lies on the node.</summary>
    public required string DataHostPath { get; init; }

    /// <summary><c>--wal-dir</c> as the container sees it; null where the WAL lies in the data directory.</summary>
    public string? WalDir { get; init; }

    /// <summary>Where <see cref="WalDir"/> lies on the node.</summary>
    public string? WalHostPath { get; init; }

    /// <summary>Host paths of other volumes that are mounted inside the data directory; usually none.</summary>
    public IReadOnlyList<StaticPodMount> MountsInsideDataDir { get; init; } = [];

    /// <summary><c>--listen-client-urls</c>.</summary>
    public required IReadOnlyList<Uri> ListenClientUrls { get; init; }

    /// <summary><c>--advertise-client-urls</c>.</summary>
    public required IReadOnlyList<Uri> AdvertiseClientUrls { get; init; }

    /// <summary><c>--listen-peer-urls</c>.</summary>
    public required IReadOnlyList<Uri> ListenPeerUrls { get; init; }

    /// <summary><c>--initial-advertise-peer-urls</c>: the member's own, to be used in <c>--initial-cluster</c> of a restore.</summary>
    public required IReadOnlyList<Uri> InitialAdvertisePeerUrls { get; init; }

    /// <summary><c>--initial-cluster</c> as it stands: what the node saw when it joined, so usually incomplete.</summary>
    public string? InitialCluster { get; init; }

    /// <summary><c>--initial-cluster-token</c>; null where it is not set (etcd then uses <c>etcd-cluster</c>).</summary>
    public string? InitialClusterToken { get; init; }

    /// <summary><c>--cert-file</c> on the node: serving certificate for clients. Null where clients are served without TLS.</summary>
    public string? CertFile { get; init; }

    /// <summary><c>--key-file</c> on the node.</summary>
    public string? KeyFile { get; init; }

    /// <summary><c>--trusted-ca-file</c> on the node: what client certificates must be signed by.</summary>
    public string? TrustedCaFile { get; init; }

    /// <summary><c>--peer-cert-file</c> on the node.</summary>
    public string? PeerCertFile { get; init; }

    /// <summary><c>--peer-key-file</c> on the node.</summary>
    public string? PeerKeyFile { get; init; }

    /// <summary><c>--peer-trusted-ca-file</c> on the node.</summary>
    public string? PeerTrustedCaFile { get; init; }

    /// <summary>Whether clients must show a certificate (<c>--client-cert-auth</c>).</summary>
    public bool ClientCertAuth { get; init; }

    /// <summary>The container's image.</summary>
    public required string Image { get; init; }

    /// <summary>The manifest that it was read from.</summary>
    public required StaticPodManifest Manifest { get; init; }

    /// <summary>Path of the manifest on the node.</summary>
    public string ManifestPath => Manifest.Path;

    /// <summary>All flags, for what has no property here.</summary>
    public required CommandLineFlags Flags { get; init; }

    /// <summary>Port that clients connect to.</summary>
    public int ClientPort => AdvertiseClientUrls[0].Port;

    /// <summary>Port that peers connect to.</summary>
    public int PeerPort => InitialAdvertisePeerUrls[0].Port;

    /// <summary>Reads the configuration out of a manifest.</summary>
    /// <exception cref="EtcdDrException"><c>ManifestInvalid</c> or <c>ManifestUnsupported</c>, naming node and file.</exception>
    public static EtcdMemberConfiguration From(StaticPodManifest manifest)
    {
        manifest.RefuseShell();
        var flags = WithEnvironment(manifest);
        if (flags.Last("config-file") is { } configFile)
        {
            throw ManifestErrors.Unsupported(
                manifest.Node,
                Errors.ManifestUnsupported_ConfigFile.With(manifest.Path, manifest.Node, configFile),
                Errors.ManifestUnsupported_ConfigFile_Action
            );
        }

        var dataDir =
            flags.Last("data-dir")
            ?? throw ManifestErrors.Invalid(manifest.Node, manifest.Path, Errors.ManifestInvalid_NoDataDirectory_Part);
        var walDir = flags.Last("wal-dir");
        return new EtcdMemberConfiguration
        {
            Node = manifest.Node,
            Name = flags.Last("name") ?? "default",
            DataDir = UnixPath.Normalize(dataDir),
            DataHostPath = manifest.RequireHostPath("data-dir", dataDir),
            WalDir = walDir is null ? null : UnixPath.Normalize(walDir),
            WalHostPath = walDir is null ? null : manifest.RequireHostPath("wal-dir", walDir),
            MountsInsideDataDir = manifest.MountsBelow(dataDir),
            ListenClientUrls = Urls(manifest, flags, "listen-client-urls", "http://localhost:2379"),
            AdvertiseClientUrls = Urls(manifest, flags, "advertise-client-urls", "http://localhost:2379"),
            ListenPeerUrls = Urls(manifest, flags, "listen-peer-urls", "http://localhost:2380"),
            InitialAdvertisePeerUrls = Urls(manifest, flags, "initial-advertise-peer-urls", "http://localhost:2380"),
            InitialCluster = flags.Last("initial-cluster"),
            InitialClusterToken = flags.Last("initial-cluster-token"),
            CertFile = HostFile(manifest, flags, "cert-file"),
            KeyFile = HostFile(manifest, flags, "key-file"),
            TrustedCaFile = HostFile(manifest, flags, "trusted-ca-file"),
            PeerCertFile = HostFile(manifest, flags, "peer-cert-file"),
            PeerKeyFile = HostFile(manifest, flags, "peer-key-file"),
            PeerTrustedCaFile = HostFile(manifest, flags, "peer-trusted-ca-file"),
            ClientCertAuth = IsTrue(flags.Last("client-cert-auth")),
            Image = manifest.Image,
            Manifest = manifest,
            Flags = flags,
        };
    }

    private static CommandLineFlags WithEnvironment(StaticPodManifest manifest)
    {
        const string prefix = "ETCD_";
        var flags = CommandLineFlags.Parse(manifest.CommandLine);
        foreach (
            var (name, value) in manifest.Environment.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal) && v.Value.Length > 0)
        )
        {
            // etcd derives the variable from the flag: --data-dir is ETCD_DATA_DIR; flags win.
            flags.SetDefault(name[prefix.Length..].ToLowerInvariant(), value);
        }

        return flags;
    }

    private static string? HostFile(StaticPodManifest manifest, CommandLineFlags flags, string flag) =>
        flags.Last(flag) is { } path ? manifest.RequireHostPath(flag, path) : null;

    private static Uri[] Urls(StaticPodManifest manifest, CommandLineFlags flags, string flag, string standard)
    {
        var list = flags.List(flag) is { Count: > 0 } given ? given : [standard];
        return [.. list.Select(text => Url(manifest, flag, text))];
    }

    private static Uri Url(StaticPodManifest manifest, string flag, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Port: > 0 }
            ? url
            : throw ManifestErrors.Invalid(manifest.Node, manifest.Path, Errors.ManifestInvalid_Url_Part.With(flag, text));

    private static bool IsTrue(string? value) => value is "true" or "True" or "TRUE" or "t" or "T" or "1";
}
