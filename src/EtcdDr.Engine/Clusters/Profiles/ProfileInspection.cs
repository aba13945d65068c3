using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Ssh.Config;
using EtcdDr.Engine.Ssh.Keys;
using EtcdDr.Engine.Trust;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Checks everything that a profile names on this machine: files, keys, contexts, jump hosts, secrets, certificates. Nothing is
/// connected to.</summary>
/// <param name="path">The profile.</param>
/// <param name="secrets">Asks vaults.</param>
/// <param name="report">Is given each outcome.</param>
public sealed class ProfileInspection(string path, SecretLookup secrets, Action<EtcdProfileCheck> report)
{
    /// <summary>Checks it.</summary>
    /// <returns>The profile; null if it cannot be read.</returns>
    public EtcdProfile? Run()
    {
        EtcdProfile? profile = null;
        Check(null, "Profile", path, () => profile = EtcdProfile.Load(path));
        Check(null, "Trust", path, () => FileTrust.Require(path));
        if (profile is null)
        {
            return null;
        }

        foreach (var cluster in profile.Clusters.Select(profile.Cluster))
        {
            Cluster(profile, cluster);
        }

        foreach (var host in profile.Hosts.Select(h => profile.Host(h)!))
        {
            Ssh(host.Name, profile, host.Ssh);
        }

        return profile;
    }

    /// <summary>Carries out one check and reports what comes of it.</summary>
    internal bool Check(string? subject, string name, string? target, Action action)
    {
        try
        {
            action();
            report(Passed(subject, name, target));
            return true;
        }
        catch (EtcdDrException e)
        {
            report(Failed(subject, name, target, e));
            return false;
        }
    }

    /// <summary>The same for what has to be waited for.</summary>
    internal async Task<bool> CheckAsync(string? subject, string name, string? target, Func<Task> action)
    {
        try
        {
            await action();
            report(Passed(subject, name, target));
            return true;
        }
        catch (EtcdDrException e)
        {
            report(Failed(subject, name, target, e));
            return false;
        }
    }

    private EtcdProfileCheck Passed(string? subject, string name, string? target) =>
        new()
        {
            Profile = path,
            Subject = subject,
            Check = name,
            Target = target,
            Success = true,
            Message = $"{target ?? path} is as it should be.",
        };

    private EtcdProfileCheck Failed(string? subject, string name, string? target, EtcdDrException error) =>
        new()
        {
            Profile = path,
            Subject = subject,
            Check = name,
            Target = target,
            Success = false,
            ErrorId = error.ErrorId,
            Message = error.Message,
            Remedy = error.RecommendedAction,
        };

    private void Cluster(EtcdProfile profile, ProfileCluster cluster)
    {
        Check(
            cluster.Name,
            "Kubeconfig",
            cluster.Kubeconfig.Path,
            () =>
            {
                EtcdClusterResolver.RequireFiles(profile.Path, [cluster.Kubeconfig]);
                _ = Kubeconfig.Load(cluster.Kubeconfig.Path).Context(cluster.Context);
            }
        );
        foreach (var file in cluster.Files.Except(cluster.Ssh.Files))
        {
            Check(cluster.Name, "File", file.Path, () => EtcdClusterResolver.RequireFiles(profile.Path, [file]));
        }

        if (cluster.Etcd.UploadTool is { } tool && File.Exists(tool))
        {
            Check(cluster.Name, "Trust", tool, () => FileTrust.Require(tool));
        }

        foreach (var recipient in cluster.EncryptTo)
        {
            Check(
                cluster.Name,
                "Certificate",
                recipient,
                () =>
                {
                    foreach (var certificate in SealCertificates.Find(recipient))
                    {
                        certificate.Dispose();
                    }
                }
            );
        }

        Ssh(cluster.Name, profile, cluster.Ssh);
    }

    private void Ssh(string subject, EtcdProfile profile, ProfileSsh ssh)
    {
        foreach (var file in ssh.Files)
        {
            Check(subject, "File", file.Path, () => EtcdClusterResolver.RequireFiles(profile.Path, [file]));
        }

        foreach (var jump in ssh.Settings.JumpHosts)
        {
            Check(subject, "JumpHost", jump, () => JumpHost.Parse(jump));
        }

        var complete = ssh.Settings;
        var opened = true;
        foreach (var (key, source) in ProfileSecretValues.Sources(ssh.Secrets))
        {
            opened &= Check(
                subject,
                "Secret",
                source,
                () => complete = ProfileSecretValues.With(profile.Path, ssh, key, complete, secrets)
            );
        }

        if (opened && complete.KeyFile is { } keyFile && File.Exists(keyFile))
        {
            Check(subject, "Key", keyFile, () => PrivateKeyLoader.Load(keyFile, complete.KeyPassphrase, []));
        }
    }
}
