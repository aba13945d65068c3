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
        var authority = Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context).CertificateAuthorityPem;
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

    /// <summary>Namespaces whose kube-root-ca.crt, which pods trust, is another cluster's. The controller manager puts them right, each in
    /// its turn.</summary>
    public static async Task<IReadOnlyList<string>> NamespacesOfAnotherAsync(
        KubeApi api,
        EtcdCluster cluster,
        CancellationToken cancellationToken
    )
    {
        var wrong = new List<string>();
        if (Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context).CertificateAuthorityPem is not { } authority)
        {
            return wrong;
        }

        await foreach (
            var map in api.ListAsync(
                "/api/v1/configmaps",
                fieldSelector: "metadata.name=kube-root-ca.crt",
                cancellationToken: cancellationToken
            )
        )
        {
            if (!HasAnyOf((string?)map["data"]?["ca.crt"] ?? string.Empty, authority))
            {
                wrong.Add((string)map["metadata"]!["namespace"]!);
            }
        }

        return wrong;
    }

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
