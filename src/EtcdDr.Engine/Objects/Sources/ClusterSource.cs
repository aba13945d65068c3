using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>Objects out of an API, as they come from it.</summary>
/// <param name="api">The API.</param>
/// <param name="name">The cluster's name, or what else it is, for messages.</param>
/// <param name="sink">Is told of kinds that cannot be read.</param>
/// <param name="lastRevision">Last revision of a mounted snapshot: what has a higher one is the throwaway apiserver's own, and no part of
/// the snapshot. Null for a live cluster.</param>
public sealed class ClusterSource(KubeApi api, string name, IOperationSink sink, long? lastRevision = null)
{
    private const int PageSize = 250;

    /// <summary>Reads the objects that are wanted.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>ObjectKindUnknown</c>, or what the API says.</exception>
    public async IAsyncEnumerable<KubeObject> ReadAsync(ObjectQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var resource in await ResourcesAsync(query, cancellationToken))
        {
            foreach (var path in Paths(resource, query))
            {
                await foreach (var item in ListAsync(resource, path, query, cancellationToken))
                {
                    if (!query.Wants(item))
                    {
                        continue;
                    }

                    if (IsWrittenLater(item.Body, lastRevision))
                    {
                        sink.Verbose($"{item} is left out: the apiserver that serves the snapshot wrote it.");
                        continue;
                    }

                    yield return item;
                }
            }
        }
    }

    /// <summary>Whether an object was written after the last revision of the snapshot that it is read out of.</summary>
    internal static bool IsWrittenLater(JsonObject body, long? lastRevision) =>
        lastRevision is { } last
        && long.TryParse((string?)body["metadata"]?["resourceVersion"], NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
        && revision > last;

    private async Task<IReadOnlyList<KubeResource>> ResourcesAsync(ObjectQuery query, CancellationToken cancellationToken)
    {
        var served = new Dictionary<string, KubeResource>(StringComparer.Ordinal);
        foreach (var version in await KubeDiscovery.ReadAsync(api, withAggregated: false, cancellationToken))
        {
            if (version.Failure is { } failure)
            {
                sink.Warning($"The kinds of {version.Group}/{version.Version} could not be read: {failure.Message}");
            }

            // Preferred versions come first.
            foreach (var resource in version.Resources.Where(r => r.Verbs.Contains("list") && r.Verbs.Contains("get")))
            {
                served.TryAdd(resource.FullName, resource);
            }
        }

        foreach (var kind in query.Kinds.Where(k => !k.Contains('*') && !k.Contains('?')))
        {
            if (!served.Values.Any(r => KindNames.Fits(kind, r.Group, r.Kind, r.Resource)))
            {
                throw ObjectErrors.KindUnknown(name, kind);
            }
        }

        return
        [
            .. served
                .Values.Where(r => query.Wants(r) && IsWanted(r, query))
                .OrderBy(r => r.Group, StringComparer.Ordinal)
                .ThenBy(r => r.Resource, StringComparer.Ordinal),
        ];
    }

    // Events are served by two groups; what expires or is derived is passed over where nobody asked for it by name.
    private static bool IsWanted(KubeResource resource, ObjectQuery query)
    {
        if (resource.FullName == "events.events.k8s.io")
        {
            return false;
        }

        var isAsked = query.Kinds.Count > 0 || query.IncludeOwned;
        return (isAsked || !InventoryRules.Skips(resource))
            && (resource.IsNamespaced || query.Namespaces.Count == 0 || resource.FullName == "namespaces");
    }

    private static IEnumerable<string> Paths(KubeResource resource, ObjectQuery query) =>
        resource.IsNamespaced && query.Namespaces.Count > 0 && !query.Namespaces.Any(n => n.Contains('*') || n.Contains('?'))
            ? query.Namespaces.Distinct(StringComparer.Ordinal).Select(resource.PathIn)
            : [resource.Path];

    private async IAsyncEnumerable<KubeObject> ListAsync(
        KubeResource resource,
        string path,
        ObjectQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // A single name is the server's to find.
        var field = query.Names is [var only] && !only.Contains('*') && !only.Contains('?') ? $"metadata.name={only}" : null;
        await using var items = api.ListAsync(path, query.LabelSelector, PageSize, field, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(items, resource))
        {
            yield return new KubeObject(WithKind(items.Current, resource), name);
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<JsonObject> items, KubeResource resource)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound" or "KubeApiError")
        {
            sink.Error(e);
            sink.Verbose($"{resource.FullName} of {name} could not be listed.");
            return false;
        }
    }

    // Objects of a list do not say what they are. Kind and version come first, as people write them.
    private static JsonObject WithKind(JsonObject item, KubeResource resource)
    {
        item.RemoveAll("apiVersion", "kind");
        item.Insert(0, "kind", resource.Kind);
        item.Insert(0, "apiVersion", resource.ApiVersion);
        return item;
    }
}
