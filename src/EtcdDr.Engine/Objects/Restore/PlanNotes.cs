using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects.Comparison;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>
/// What a cluster would take and could yet not run: images that no node has, classes that are not there. Read once for a plan; what may not
/// be read is not told of.
/// </summary>
internal sealed class PlanNotes
{
    private readonly HashSet<string>? _images;
    private readonly Dictionary<string, HashSet<string>?> _classes;

    private PlanNotes(HashSet<string>? images, Dictionary<string, HashSet<string>?> classes) => (_images, _classes) = (images, classes);

    /// <summary>Asks the cluster what it has; what comes along with a batch counts as there.</summary>
    public static async Task<PlanNotes> ReadAsync(TargetCluster target, ObjectBatch batch, CancellationToken cancellationToken)
    {
        var classes = new Dictionary<string, HashSet<string>?>(StringComparer.Ordinal)
        {
            ["StorageClass"] = await NamesAsync(target, "/apis/storage.k8s.io/v1/storageclasses", cancellationToken),
            ["IngressClass"] = await NamesAsync(target, "/apis/networking.k8s.io/v1/ingressclasses", cancellationToken),
            ["PriorityClass"] = await NamesAsync(target, "/apis/scheduling.k8s.io/v1/priorityclasses", cancellationToken),
        };
        foreach (var item in batch.Items.Where(i => classes.ContainsKey(i.Kind)))
        {
            classes[item.Kind]?.Add(item.Name);
        }

        return new PlanNotes(await ImagesAsync(target, cancellationToken), classes);
    }

    /// <summary>What is to be known of an object, as sentences.</summary>
    /// <param name="item">The object as it would go in.</param>
    /// <param name="answer">What the cluster would make of it; null where it was not asked.</param>
    public IEnumerable<string> Of(KubeObject item, JsonObject? answer)
    {
        foreach (var (kind, name) in ClassesOf(item).Distinct())
        {
            // Priority classes with these names are Kubernetes' own.
            if (_classes[kind] is { } there && !there.Contains(name) && !name.StartsWith("system-", StringComparison.Ordinal))
            {
                yield return $"The cluster has no {kind} '{name}'.";
            }
        }

        // A kubelet tells of so many images and no more; an empty list says nothing.
        if (_images is { Count: > 0 })
        {
            foreach (
                var image in ObjectMapper.Images(item).Distinct(StringComparer.Ordinal).Where(i => !_images.Contains(ImageName.Whole(i)))
            )
            {
                yield return $"No node has the image {image} yet.";
            }
        }

        if (answer is not null && ObjectDifference.NotTaken(item.Body, answer) is { Count: > 0 } changed)
        {
            yield return $"The cluster would change it: {string.Join(", ", changed)}.";
        }
    }

    private static IEnumerable<(string Kind, string Name)> ClassesOf(KubeObject item)
    {
        var claims = item.Key.FullKind switch
        {
            "PersistentVolumeClaim" => [item.Body],
            "StatefulSet.apps" => item.Body.ObjectsAt("spec", "volumeClaimTemplates"),
            _ => [],
        };
        foreach (var claim in claims)
        {
            // An empty name asks for no class.
            if (claim.TextAt("spec", "storageClassName") is { Length: > 0 } storage)
            {
                yield return ("StorageClass", storage);
            }
        }

        if (item.Is("Ingress.networking.k8s.io") && item.Body.TextAt("spec", "ingressClassName") is { Length: > 0 } ingress)
        {
            yield return ("IngressClass", ingress);
        }

        foreach (var spec in ObjectMapper.PodSpecs(item))
        {
            if (spec.TextAt("priorityClassName") is { Length: > 0 } priority)
            {
                yield return ("PriorityClass", priority);
            }
        }
    }

    private static async Task<HashSet<string>?> NamesAsync(TargetCluster target, string path, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return await ReadAsync(target, path, item => names.Add(item.TextAt("metadata", "name") ?? string.Empty), cancellationToken)
            ? names
            : null;
    }

    private static async Task<HashSet<string>?> ImagesAsync(TargetCluster target, CancellationToken cancellationToken)
    {
        var images = new HashSet<string>(StringComparer.Ordinal);
        return await ReadAsync(
            target,
            "/api/v1/nodes",
            node => images.UnionWith(node.ObjectsAt("status", "images").SelectMany(NamesOf).Select(ImageName.Whole)),
            cancellationToken
        )
            ? images
            : null;
    }

    private static IEnumerable<string> NamesOf(JsonObject image) =>
        image["names"] is JsonArray names ? names.Select(n => n.Text()).OfType<string>() : [];

    private static async Task<bool> ReadAsync(
        TargetCluster target,
        string path,
        Action<JsonObject> take,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (var item in target.Api.ListAsync(path, cancellationToken: cancellationToken))
            {
                take(item);
            }

            return true;
        }
        catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound")
        {
            return false;
        }
    }
}
