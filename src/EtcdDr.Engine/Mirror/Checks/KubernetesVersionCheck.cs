using EtcdDr.Engine.Etcd;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Kubernetes versions of the apiservers: the same minor.</summary>
internal sealed class KubernetesVersionCheck : IMirrorCheck
{
    public string Name => "KubernetesVersion";

    public string Category => "Versions";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.KubernetesVersion is not { } theirs || secondary.KubernetesVersion is not { } ours)
        {
            return [MirrorFinding.Information("The Kubernetes version of one of the sites is not known.")];
        }

        var finding =
            EtcdVersions.Minor(theirs) != EtcdVersions.Minor(ours)
                ? MirrorFinding.Fail(
                    $"The primary is of Kubernetes {theirs}, the secondary runs {ours}.",
                    "Use the same Kubernetes minor version on both sites."
                )
            : theirs != ours
                ? MirrorFinding.Warning(
                    $"The primary is of Kubernetes {theirs}, the secondary runs {ours}.",
                    "Bring both sites to the same patch version when you can."
                )
            : MirrorFinding.Pass($"Both sites run Kubernetes {ours}.");
        return [finding with { Primary = theirs, Secondary = ours }];
    }

    /// <summary>
    /// Whether a difference between programs of two nodes is the clusters' own: each is of its cluster's minor version, and that those
    /// differ is told here, once.
    /// </summary>
    public static bool FollowsFromClusters(SiteFacts primary, SiteFacts secondary, string theirs, string ours) =>
        primary.KubernetesVersion is { } one
        && secondary.KubernetesVersion is { } other
        && EtcdVersions.Minor(theirs) == EtcdVersions.Minor(one)
        && EtcdVersions.Minor(ours) == EtcdVersions.Minor(other);
}
