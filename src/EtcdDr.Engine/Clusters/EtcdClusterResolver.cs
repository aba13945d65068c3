using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Trust;

namespace EtcdDr.Engine.Clusters;

/// <summary>Makes an <see cref="EtcdCluster"/> from a profile or from parameters. Reads files and environment; asks nothing of the
/// network.</summary>
public static class EtcdClusterResolver
{
    /// <summary>A cluster of a profile. The files that it names must exist, the kubeconfig must have the context.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="name">The cluster's name.</param>
    /// <param name="secrets">Secrets that were given; null for none.</param>
    /// <param name="vaults">Asks vaults for secrets that the profile names there; null where there are none.</param>
    /// <exception cref="EtcdDrException">
    /// <c>ClusterNotFound</c>, <c>KubeconfigNotFound</c>, <c>KubeconfigInvalid</c>, <c>KubeContextNotFound</c>, <c>KeyFileNotFound</c>,
    /// <c>KnownHostsFileNotFound</c>, <c>SshConfigFileNotFound</c>, <c>UploadToolNotFound</c>, <c>CertificateNotFound</c>,
    /// <c>ProfileSecretNotSet</c>, <c>SecretNotFound</c> and the like.
    /// </exception>
    public static EtcdCluster FromProfile(EtcdProfile profile, string name, ClusterSecrets? secrets = null, SecretLookup? vaults = null)
    {
        var cluster = profile.Cluster(name);
        RequireFiles(profile.Path, [cluster.Kubeconfig, .. cluster.Files]);
        return Complete(
            new EtcdCluster
            {
                Name = cluster.Name,
                ProfilePath = profile.Path,
                Kubeconfig = cluster.Kubeconfig.Path,
                Context = cluster.Context ?? "",
                Server = new Uri("https://localhost"),
                ServerAddress = cluster.ServerAddress,
                Ssh = ProfileSecretValues.With(profile.Path, cluster.Ssh, secrets, vaults),
                Etcd = cluster.Etcd,
                Recycle = cluster.Recycle,
                Nodes = cluster.Nodes,
                NodeAddresses = cluster.NodeAddresses,
                EncryptTo = cluster.EncryptTo,
            },
            cluster.ContextLine
        );
    }

    /// <summary>Completes a cluster that was made of parameters: its context (empty for the kubeconfig's current one), server and
    /// name.</summary>
    /// <param name="cluster">What was given; an empty name becomes the context's, <c>Server</c> is replaced.</param>
    /// <exception cref="EtcdDrException"><c>KubeconfigNotFound</c>, <c>KubeconfigInvalid</c>, <c>KubeContextNotFound</c>,
    /// <c>KeyFileNotFound</c> and the like.</exception>
    public static EtcdCluster FromParameters(EtcdCluster cluster)
    {
        RequireFile(
            cluster.Ssh.KeyFile,
            p => new EtcdDrException(
                "KeyFileNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.KeyFileNotFound_Parameter.With(p),
                Errors.KeyFileNotFound_Parameter_Action,
                p
            )
        );
        RequireFile(
            cluster.Ssh.KnownHostsFile,
            p => new EtcdDrException(
                "KnownHostsFileNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.KnownHostsFileNotFound.With(p),
                Errors.KnownHostsFileNotFound_Action,
                p
            )
        );
        RequireFile(
            cluster.Ssh.ConfigFile,
            p => new EtcdDrException(
                "SshConfigFileNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.SshConfigFileNotFound.With(p),
                Errors.SshConfigFileNotFound_Action,
                p
            )
        );
        return Complete(cluster, contextLine: null);
    }

    /// <summary>A cluster of a profile that lost its secrets on its way through a job or a file, with those that the profile
    /// names.</summary>
    /// <exception cref="EtcdDrException"><c>ProfileSecretNotSet</c>, and what reading the profile throws. Where it is gone, or has no such
    /// cluster, there are none.</exception>
    public static EtcdCluster WithSecrets(EtcdCluster cluster, SecretLookup? vaults)
    {
        if (!File.Exists(cluster.ProfilePath))
        {
            return cluster;
        }

        FileTrust.Require(cluster.ProfilePath);
        var profile = EtcdProfile.Load(cluster.ProfilePath);
        if (!profile.Clusters.Contains(cluster.Name, StringComparer.OrdinalIgnoreCase))
        {
            return cluster;
        }

        var found = ProfileSecretValues.With(profile.Path, profile.Cluster(cluster.Name).Ssh, null, vaults);
        return cluster with
        {
            Ssh = cluster.Ssh with { KeyPassphrase = found.KeyPassphrase, Password = found.Password, SudoPassword = found.SudoPassword },
        };
    }

    /// <summary>SSH settings for a host that the profile names, secrets put in; null if it does not name it.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="name">The host's name.</param>
    /// <param name="secrets">Secrets that were given; null for none.</param>
    /// <param name="vaults">Asks vaults for secrets that the profile names there; null where there are none.</param>
    /// <exception cref="EtcdDrException">A file is missing, or <c>ProfileSecretNotSet</c>.</exception>
    public static (string Address, SshSettings Ssh)? Host(
        EtcdProfile profile,
        string name,
        ClusterSecrets? secrets = null,
        SecretLookup? vaults = null
    )
    {
        if (profile.Host(name) is not { } host)
        {
            return null;
        }

        RequireFiles(profile.Path, host.Ssh.Files);
        return (host.Address, ProfileSecretValues.With(profile.Path, host.Ssh, secrets, vaults));
    }

    private static EtcdCluster Complete(EtcdCluster cluster, int? contextLine)
    {
        var kubeconfig = Kubeconfig.Load(cluster.Kubeconfig);
        KubeconfigContext context;
        try
        {
            context = kubeconfig.Context(cluster.Context);
        }
        catch (EtcdDrException e) when (e.ErrorId == "KubeContextNotFound" && contextLine is not null)
        {
            throw new EtcdDrException(
                e.ErrorId,
                e.Category,
                Errors.KubeContextNotFound_InProfile.With(cluster.ProfilePath, contextLine, e.Message),
                e.RecommendedAction,
                e.Target,
                e
            );
        }

        return cluster with
        {
            Name = cluster.Name.Length > 0 ? cluster.Name : context.Name,
            Kubeconfig = kubeconfig.Path,
            Context = context.Name,
            Server = context.Server,
        };
    }

    internal static void RequireFiles(string profile, IEnumerable<ProfileFile> files)
    {
        if (files.FirstOrDefault(f => !File.Exists(f.Path)) is { } missing)
        {
            throw ProfileErrors.MissingFile(profile, missing);
        }
    }

    private static void RequireFile(string? path, Func<string, EtcdDrException> missing)
    {
        if (!string.IsNullOrEmpty(path) && !File.Exists(path))
        {
            throw missing(path);
        }
    }
}
