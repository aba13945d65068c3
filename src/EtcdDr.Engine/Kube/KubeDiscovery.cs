using k8s;
using k8s.Models;

namespace EtcdDr.Engine.Kube;

/// <summary>What an API serves: groups, their versions and the resources of each.</summary>
public static class KubeDiscovery
{
    /// <summary>Requests at once: it is answers that are waited for, not bytes, and an apiserver has other clients too.</summary>
    internal const int AtOnce = 4;

    /// <summary>
    /// All versions of all groups: the core group first, then as the server orders them, of each group the preferred version first. A
    /// version that cannot be asked (its own server is down) says so and does not end the rest.
    /// </summary>
    /// <param name="api">The API.</param>
    /// <param name="withAggregated">Whether versions that other servers answer for are asked for their resources too.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<IReadOnlyList<KubeGroupVersion>> ReadAsync(
        KubeApi api,
        bool withAggregated,
        CancellationToken cancellationToken
    )
    {
        var aggregated = await AggregatedAsync(api, cancellationToken);
        var groups = await api.AskAsync("/apis", client => client.Apis.GetAPIVersionsAsync(cancellationToken));
        var versions = new List<KubeGroupVersion> { new("", "v1", true, false) };
        versions.AddRange((groups.Groups ?? []).SelectMany(g => Versions(g, aggregated)));
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            versions.Count,
            options,
            async (i, ct) =>
                versions[i] = versions[i].IsAggregated && !withAggregated ? versions[i] : await WithResourcesAsync(api, versions[i], ct)
        );
        return versions;
    }

    private static IEnumerable<KubeGroupVersion> Versions(V1APIGroup group, HashSet<string> aggregated) =>
        group
            .Versions.Select(v => v.Version)
            .OrderBy(v => v == group.PreferredVersion?.Version ? 0 : 1)
            .Select(v => new KubeGroupVersion(
                group.Name,
                v,
                v == group.PreferredVersion?.Version,
                aggregated.Contains($"{v}.{group.Name}")
            ));

    private static async Task<HashSet<string>> AggregatedAsync(KubeApi api, CancellationToken cancellationToken)
    {
        try
        {
            var services = await api.AskAsync(
                "/apis/apiregistration.k8s.io/v1/apiservices",
                client => client.ApiregistrationV1.ListAPIServiceAsync(cancellationToken: cancellationToken)
            );
            return services.Items.Where(s => s.Spec?.Service is not null).Select(s => s.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiNotFound" or "KubeApiForbidden")
        {
            // An apiserver without aggregation has no aggregated groups; one that hides them only costs a longer list.
            return [];
        }
    }

    private static async Task<KubeGroupVersion> WithResourcesAsync(
        KubeApi api,
        KubeGroupVersion version,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var list = await api.AskAsync(
                $"/apis/{version.Group}/{version.Version}",
                client => client.CustomObjects.GetAPIResourcesAsync(version.Group, version.Version, cancellationToken)
            );
            var resources = (list.Resources ?? []).Where(r => !r.Name.Contains('/', StringComparison.Ordinal));
            return version with
            {
                Resources =
                [
                    .. resources.Select(r => new KubeResource(version.Group, version.Version, r.Name, r.Kind)
                    {
                        IsNamespaced = r.Namespaced,
                        Verbs = [.. r.Verbs ?? []],
                    }),
                ],
            };
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiNotFound" or "KubeApiError" or "KubeApiForbidden")
        {
            return version with { Failure = e };
        }
    }
}
