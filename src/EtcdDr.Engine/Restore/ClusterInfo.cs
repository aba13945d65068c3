using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// The config map kube-public/cluster-info, which joining nodes trust. After a restore into another cluster it holds the source's CA, and
/// no controller puts that right.
/// </summary>
internal static class ClusterInfo
{
    private const string Path = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
    private const string Key = "certificate-authority-data:";

    /// <summary>Puts the cluster's own CA into it.</summary>
    /// <returns>Whether anything had to be changed.</returns>
    public static async Task<bool> PutRightAsync(KubeApi api, EtcdCluster cluster, CancellationToken cancellationToken)
    {
        var map = await api.FindAsync(Path, cancellationToken);
        var kubeconfig = (string?)map?["data"]?["kubeconfig"];
        var authority = Authority(cluster);
        if (kubeconfig is null || authority is null)
        {
            return false;
        }

        var corrected = Replace(kubeconfig, Convert.ToBase64String(Encoding.UTF8.GetBytes(authority)));
        if (corrected == kubeconfig)
        {
            return false;
        }

        await api.PatchAsync(
            Path,
            new JsonObject { ["data"] = new JsonObject { ["kubeconfig"] = corrected } },
            KubePatch.Merge,
            cancellationToken
        );
        return true;
    }

    /// <summary>The cluster's CA as its kubeconfig has it; null where it names none.</summary>
    public static string? Authority(EtcdCluster cluster) =>
        Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context).CertificateAuthorityPem;

    /// <summary>Namespaces whose kube-root-ca.crt, which pods trust, is another cluster's. The controller manager puts them right, each in
    /// its turn.</summary>
    /// <param name="api">The API.</param>
    /// <param name="authority">The cluster's own CA.</param>
    /// <param name="changed">Called after a change.</param>
    public static WatchedObjects<string> NamespacesOfAnother(KubeApi api, string authority, Action changed) =>
        new(
            api,
            "/api/v1/configmaps",
            map => HasAnyOf((string?)map["data"]?["ca.crt"] ?? string.Empty, authority) ? null : (string)map["metadata"]!["namespace"]!,
            changed,
            "metadata.name=kube-root-ca.crt"
        );

    /// <summary>Whether a bundle holds any of the certificates of another: kubeconfigs may name more than one authority, and so may the
    /// controller manager.</summary>
    internal static bool HasAnyOf(string bundle, string others)
    {
        var known = Certificates(others);
        return Certificates(bundle).Exists(known.Contains);
    }

    private static List<string> Certificates(string pem) =>
        [
            .. pem.Split("-----BEGIN CERTIFICATE-----")
                .Skip(1)
                .Select(c => string.Concat(c.Split("-----END")[0].Where(ch => !char.IsWhiteSpace(ch)))),
        ];

    /// <summary>The kubeconfig with another CA, every other character as it was.</summary>
    internal static string Replace(string kubeconfig, string authority)
    {
        var lines = new StringBuilder(kubeconfig.Length);
        foreach (var line in kubeconfig.Split('\n'))
        {
            var at = line.IndexOf(Key, StringComparison.Ordinal);
            lines.Append(at < 0 ? line : $"{line[..(at + Key.Length)]} {authority}").Append('\n');
        }

        return lines.ToString(0, lines.Length - 1);
    }
}
