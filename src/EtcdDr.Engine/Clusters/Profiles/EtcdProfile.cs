using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A profile, <c>etcddr.yaml</c>: what is to be known of clusters and hosts before anything is asked of them.</summary>
public sealed class EtcdProfile
{
    private const long MaximumLength = 1024 * 1024;
    private static readonly string[] ClusterKeys =
    [
        "kubeconfig",
        "context",
        "serverAddress",
        "ssh",
        "etcd",
        "nodes",
        "recycle",
        "encryptTo",
    ];
    private static readonly string[] DefaultKeys = ["kubeconfig", "ssh", "etcd", "recycle", "encryptTo"];
    private static readonly string[] SshKeys =
    [
        "user",
        "port",
        "keyFile",
        "knownHosts",
        "configFile",
        "jumpHosts",
        "connectTimeoutSeconds",
        "keepAliveSeconds",
        "useAgent",
        "keyPassphraseEnv",
        "passwordEnv",
        "sudoPasswordEnv",
        "keyPassphraseSecret",
        "passwordSecret",
        "sudoPasswordSecret",
    ];

    private readonly Dictionary<string, ProfileCluster> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ProfileHost> _hosts = new(StringComparer.OrdinalIgnoreCase);

    private readonly List<ProfilePlace> _places = [];

    private EtcdProfile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Names of its clusters in the order of the file.</summary>
    public IReadOnlyList<string> Clusters => [.. _clusters.Values.OrderBy(c => c.Line).Select(c => c.Name)];

    /// <summary>Names of its hosts.</summary>
    public IReadOnlyCollection<string> Hosts => _hosts.Keys;

    /// <summary>Places for snapshots in the order of the file.</summary>
    public IReadOnlyList<ProfilePlace> Places => _places;

    /// <summary>Reads a profile. Files that it names are not touched yet.</summary>
    /// <exception cref="EtcdDrException"><c>ProfileNotFound</c>, <c>ProfileUnreadable</c>, <c>ProfileInvalid</c>.</exception>
    public static EtcdProfile Load(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            var file = new FileInfo(full);
            if (!file.Exists)
            {
                throw ProfileErrors.NotFound([full], named: true);
            }

            return file.Length <= MaximumLength
                ? Parse(full, File.ReadAllText(full))
                : throw ProfileErrors.Invalid(full, 1, Errors.ProfileInvalid_TooLarge_Part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProfileErrors.Unreadable(full, e);
        }
    }

    /// <summary>Reads a profile's text.</summary>
    /// <param name="path">Absolute path that it stands for: relative paths start at its directory.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="EtcdDrException"><c>ProfileInvalid</c>.</exception>
    public static EtcdProfile Parse(string path, string text)
    {
        try
        {
            var root = YamlReader.Read(text) ?? throw ProfileErrors.Invalid(path, 1, Errors.ProfileInvalid_Empty_Part);
            var profile = new EtcdProfile(path);
            profile.Read(new ProfileSection(path, Errors.ProfileInvalid_Profile_Part, root));
            return profile;
        }
        catch (YamlFormatException e)
        {
            throw ProfileErrors.Invalid(path, e.Line, e.Message, Errors.ProfileInvalid_Yaml_Action, e);
        }
    }

    /// <summary>A cluster by its name, whatever its case.</summary>
    /// <exception cref="EtcdDrException"><c>ClusterNotFound</c>.</exception>
    public ProfileCluster Cluster(string name) =>
        _clusters.TryGetValue(name, out var cluster) ? cluster : throw ProfileErrors.NoCluster(Path, name, Clusters);

    /// <summary>The places that have rules of what is kept: those of the names (whatever their case), or all.</summary>
    /// <param name="names">Names of places; null for all.</param>
    /// <exception cref="EtcdDrException"><c>PlaceNotFound</c>.</exception>
    public IReadOnlyList<ProfilePlace> PlacesToKeep(IReadOnlyList<string>? names)
    {
        var ruled = _places.Where(p => p.Keep is not null).ToList();
        if (names is null)
        {
            return ruled.Count > 0 ? ruled : throw ProfileErrors.NoPlace(Path, null, []);
        }

        return
        [
            .. names.Select(n =>
                ruled.Find(p => p.Name.Equals(n, StringComparison.OrdinalIgnoreCase))
                ?? throw ProfileErrors.NoPlace(Path, n, ruled.ConvertAll(p => p.Name))
            ),
        ];
    }

    /// <summary>A place by its name, whatever its case; null if the profile does not name it.</summary>
    public ProfilePlace? Place(string name) => _places.Find(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>How the object storage of an address is reached: as the place says that holds it most closely; defaults where none
    /// does.</summary>
    /// <exception cref="EtcdDrException"><c>SecretNotAsked</c>, and what <see cref="SecretLookup"/> throws.</exception>
    public PlaceSettings Storage(ObjectAddress address, SecretLookup? vaults)
    {
        var place = _places
            .Where(p => p.Storage is not null && ObjectAddress.Parse(p.Path)!.Holds(address))
            .MaxBy(p => p.Path.TrimEnd('/').Length);
        return place switch
        {
            null => new PlaceSettings(),
            { Secret: null } => place.Storage!,
            { Secret: var secret } when vaults is null => throw ProfileErrors.NoVaults(Path, "secret", secret),
            { Secret: var secret } => place.Storage! with { Secret = vaults(secret) },
        };
    }

    /// <summary>A host by its name, whatever its case; null if the profile does not name it.</summary>
    public ProfileHost? Host(string name) => _hosts.GetValueOrDefault(name);

    private void Read(ProfileSection root)
    {
        root.Allow("defaults", "clusters", "hosts", "places");
        var defaults = root.Section("defaults");
        defaults?.Allow(DefaultKeys);
        var clusters = root.Section("clusters") ?? throw root.Invalid(root.Line, Errors.ProfileInvalid_NoClustersKey_Part);
        foreach (var entry in clusters.Entries)
        {
            var section = new ProfileSection(Path, Errors.ProfileInvalid_Cluster_Part.With(entry.Key), entry.Value);
            if (!_clusters.TryAdd(entry.Key, ReadCluster(entry, section, defaults)))
            {
                throw root.Invalid(entry.Line, Errors.ProfileInvalid_ClusterTwice_Part.With(entry.Key));
            }
        }

        foreach (var entry in root.Section("hosts")?.Entries ?? [])
        {
            _hosts[entry.Key] = ReadHost(entry, defaults);
        }

        _places.AddRange(ProfilePlaces.Read(Path, root.Section("places")));
    }

    private static ProfileCluster ReadCluster(YamlEntry entry, ProfileSection section, ProfileSection? defaults)
    {
        section.Allow(ClusterKeys);
        var ssh = ReadSsh(section.Section("ssh"), ReadSsh(defaults?.Section("ssh"), new ProfileSsh()));
        var (etcd, etcdFile) = ReadEtcd(section.Section("etcd"), ReadEtcd(defaults?.Section("etcd"), (new EtcdSettings(), null)));
        var (nodes, addresses) = ProfileNodes.Read(section);
        var encryptTo = ReadRecipients(section) ?? (defaults is null ? null : ReadRecipients(defaults)) ?? [];
        return new ProfileCluster
        {
            Name = entry.Key,
            Line = entry.Line,
            Kubeconfig =
                section.File("kubeconfig", "KubeconfigNotFound")
                ?? defaults?.File("kubeconfig", "KubeconfigNotFound")
                ?? throw section.Invalid(entry.Line, Errors.ProfileInvalid_NoKubeconfig_Part.With(entry.Key)),
            Context = section.Text("context"),
            ContextLine = section.Value("context")?.Line,
            ServerAddress = section.Text("serverAddress"),
            Ssh = ssh,
            Etcd = etcd,
            Recycle = ReadRecycle(section.Section("recycle"), ReadRecycle(defaults?.Section("recycle"), new RecycleSettings())),
            Nodes = nodes,
            NodeAddresses = addresses,
            EncryptTo = [.. encryptTo.Select(r => r.Name)],
            Files =
            [
                .. ssh.Files,
                .. etcdFile is null ? Array.Empty<ProfileFile>() : [etcdFile],
                .. encryptTo.Select(r => r.File).OfType<ProfileFile>(),
            ],
        };
    }

    // A thumbprint or a subject is looked for in the certificate store when a snapshot is taken.
    private static List<(string Name, ProfileFile? File)>? ReadRecipients(ProfileSection section)
    {
        const string Key = "encryptTo";
        return section
            .List(Key)
            ?.Select(item => SealCertificates.IsOfStore(item.Text) ? null : section.File(Key, item, "CertificateNotFound"))
            .Zip(section.List(Key)!, (file, item) => (file?.Path ?? item.Text, file))
            .ToList();
    }

    private ProfileHost ReadHost(YamlEntry entry, ProfileSection? defaults)
    {
        var section = new ProfileSection(Path, Errors.ProfileInvalid_Host_Part.With(entry.Key), entry.Value);
        section.Allow(["address", .. SshKeys]);
        return new ProfileHost(
            entry.Key,
            section.Text("address") ?? entry.Key,
            ReadSshKeys(section, ReadSsh(defaults?.Section("ssh"), new ProfileSsh()))
        );
    }

    private static ProfileSsh ReadSsh(ProfileSection? section, ProfileSsh standard)
    {
        section?.Allow(SshKeys);
        return section is null ? standard : ReadSshKeys(section, standard);
    }

    private static ProfileSsh ReadSshKeys(ProfileSection section, ProfileSsh standard)
    {
        var keyFile = section.File("keyFile", "KeyFileNotFound");
        var knownHosts = section.File("knownHosts", "KnownHostsFileNotFound");
        var noConfigFile = section.Value("configFile") is { Kind: YamlKind.Scalar, Text: "none" };
        var configFile = noConfigFile ? null : section.File("configFile", "SshConfigFileNotFound");
        var own = new[] { keyFile, knownHosts, configFile }.OfType<ProfileFile>().ToList();
        return new ProfileSsh
        {
            Settings = standard.Settings with
            {
                User = section.Text("user") ?? standard.Settings.User,
                Port = section.Integer("port", 1, 65535) ?? standard.Settings.Port,
                KeyFile = keyFile?.Path ?? standard.Settings.KeyFile,
                KnownHostsFile = knownHosts?.Path ?? standard.Settings.KnownHostsFile,
                ConfigFile = noConfigFile ? "" : configFile?.Path ?? standard.Settings.ConfigFile,
                JumpHosts = section.List("jumpHosts")?.Select(i => i.Text).ToList() ?? standard.Settings.JumpHosts,
                ConnectTimeoutSeconds = section.Integer("connectTimeoutSeconds", 1, 3600) ?? standard.Settings.ConnectTimeoutSeconds,
                KeepAliveSeconds = section.Integer("keepAliveSeconds", 1, 3600) ?? standard.Settings.KeepAliveSeconds,
                UseAgent = section.Boolean("useAgent") ?? standard.Settings.UseAgent,
            },
            Secrets = ReadSecrets(section, standard.Secrets),
            // A file of the defaults that is overridden is not needed.
            Files = [.. standard.Files.Where(f => own.All(o => o.Key != f.Key) && !(noConfigFile && f.Key == "configFile")), .. own],
        };
    }

    private static ProfileSecrets ReadSecrets(ProfileSection section, ProfileSecrets standard)
    {
        var (keyEnv, keySecret) = ReadSecret(section, "keyPassphrase", standard.KeyPassphraseEnv, standard.KeyPassphraseSecret);
        var (passwordEnv, passwordSecret) = ReadSecret(section, "password", standard.PasswordEnv, standard.PasswordSecret);
        var (sudoEnv, sudoSecret) = ReadSecret(section, "sudoPassword", standard.SudoPasswordEnv, standard.SudoPasswordSecret);
        return new ProfileSecrets
        {
            KeyPassphraseEnv = keyEnv,
            KeyPassphraseSecret = keySecret,
            PasswordEnv = passwordEnv,
            PasswordSecret = passwordSecret,
            SudoPasswordEnv = sudoEnv,
            SudoPasswordSecret = sudoSecret,
        };
    }

    // A secret is in one place: where a cluster names one, that of the defaults does not count, of whichever kind it is.
    private static (string? Variable, SecretReference? Secret) ReadSecret(
        ProfileSection section,
        string key,
        string? variable,
        SecretReference? secret
    )
    {
        var ownVariable = section.Text(key + "Env");
        if (section.Text(key + "Secret") is not { } text)
        {
            return ownVariable is null ? (variable, secret) : (ownVariable, null);
        }

        var value = section.Value(key + "Secret")!;
        if (ownVariable is not null)
        {
            throw section.Invalid(value.Line, Errors.ProfileInvalid_SecretTwice_Part.With(key));
        }

        return (
            null,
            SecretReference.Parse(text) ?? throw section.Wrong(key + "Secret", value, Errors.ProfileInvalid_SecretReference_Part)
        );
    }

    private static (EtcdSettings Settings, ProfileFile? File) ReadEtcd(
        ProfileSection? section,
        (EtcdSettings Settings, ProfileFile? File) standard
    )
    {
        if (section is null)
        {
            return standard;
        }

        section.Allow("clientPort", "peerPort", "toolPath", "uploadTool", "fanOutPort");
        var upload = section.File("uploadTool", "UploadToolNotFound") ?? standard.File;
        var toolPath = section.Text("toolPath");
        if (toolPath is not null && !toolPath.StartsWith('/'))
        {
            throw section.Wrong("toolPath", section.Value("toolPath")!, Errors.ProfileInvalid_AbsolutePath_Part);
        }

        return (
            standard.Settings with
            {
                ClientPort = section.Integer("clientPort", 1, 65535) ?? standard.Settings.ClientPort,
                PeerPort = section.Integer("peerPort", 1, 65535) ?? standard.Settings.PeerPort,
                ToolPath = toolPath ?? standard.Settings.ToolPath,
                UploadTool = upload?.Path,
                FanOutPort = section.Integer("fanOutPort", 1, 65535) ?? standard.Settings.FanOutPort,
            },
            upload
        );
    }

    private static RecycleSettings ReadRecycle(ProfileSection? section, RecycleSettings standard)
    {
        if (section is null)
        {
            return standard;
        }

        section.Allow("kubelets", "workloads", "infrastructurePods", "excludedNamespaces");
        return new RecycleSettings
        {
            Kubelets = section.Boolean("kubelets") ?? standard.Kubelets,
            Workloads = section.Boolean("workloads") ?? standard.Workloads,
            InfrastructurePods = section.List("infrastructurePods")?.Select(i => i.Text).ToList() ?? standard.InfrastructurePods,
            ExcludedNamespaces = section.List("excludedNamespaces")?.Select(i => i.Text).ToList() ?? standard.ExcludedNamespaces,
        };
    }
}
