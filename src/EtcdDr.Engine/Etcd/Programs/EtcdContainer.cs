using System.Globalization;
using System.Text.Json;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>
/// A running container that the kubelet made from etcd's manifest. The labels and annotations by which it is known are the kubelet's own: a
/// pod's author can give a pod the name and labels of the static pod, but neither its namespace nor its source (pkg/kubelet/config,
/// kubernetes.io/config.source; kuberuntime/labels.go).
/// </summary>
/// <param name="Id">The container's id.</param>
/// <param name="ProcessId">Its first process.</param>
/// <param name="Images">Ids and digests of its image, as the runtime says, without names.</param>
internal sealed record EtcdContainer(string Id, int ProcessId, IReadOnlyList<string> Images)
{
    private const string SourceAnnotation = "kubernetes.io/config.source";

    /// <summary>As the scripts take it.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Id}/{ProcessId}");

    /// <summary>Finds it in what the runtime says.</summary>
    /// <param name="listing">What <see cref="ProgramCommands.ContainersScript"/> printed.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="manifest">etcd's manifest.</param>
    /// <returns>Null where none runs, or where the runtime's answer is not understood.</returns>
    public static EtcdContainer? Find(string listing, string node, StaticPodManifest manifest)
    {
        var lines = ProgramListing.Decode(listing);
        var pods = lines
            .Where(l => l.Kind == "pods")
            .SelectMany(l => Items(l.Text, "items"))
            .Where(p => IsStaticPod(p, node, manifest))
            .Select(p => Word(p, "id"))
            .ToHashSet();
        var mine = lines
            .Where(l => l.Kind == "ps")
            .SelectMany(l => Items(l.Text, "containers"))
            .Where(c => pods.Contains(Word(c, "podSandboxId")) && Word(c, "metadata", "name") == manifest.ContainerName)
            .Select(c => Word(c, "id"))
            .ToHashSet();
        return lines
            .Where(l => l.Kind == "inspect")
            .Select(l => Inspected(l.Text))
            .FirstOrDefault(c => c is not null && mine.Contains(c.Id));
    }

    /// <summary>Whether its image is this one.</summary>
    /// <param name="image">Id and digests of the image that the manifest names.</param>
    public bool IsOf(IEnumerable<string> image) => Images.Intersect(image.Select(Bare), StringComparer.Ordinal).Any();

    private static bool IsStaticPod(JsonElement pod, string node, StaticPodManifest manifest) =>
        Word(pod, "metadata", "namespace") == manifest.Namespace
        && manifest.Namespace == "kube-system"
        && Word(pod, "metadata", "name") == $"{manifest.PodName}-{node}"
        && Word(pod, "annotations", SourceAnnotation) == "file";

    private static EtcdContainer? Inspected(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (
                Word(root, "status", "state") != "CONTAINER_RUNNING"
                || At(root, "info", "pid") is not { ValueKind: JsonValueKind.Number } pid
                || !pid.TryGetInt32(out var process)
                || process <= 1
            )
            {
                return null;
            }

            string?[] images =
            [
                Word(root, "status", "imageId"),
                Word(root, "status", "imageRef"),
                Word(root, "info", "config", "image", "image"),
            ];
            return Word(root, "status", "id") is { Length: > 0 } id
                ? new EtcdContainer(id, process, [.. images.Where(i => i is { Length: > 0 }).Select(i => Bare(i!)).Distinct()])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<JsonElement> Items(string json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return At(document.RootElement, name) is { ValueKind: JsonValueKind.Array } items
                ? [.. items.EnumerateArray().Select(i => i.Clone())]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static JsonElement? At(JsonElement element, params string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element;
    }

    private static string? Word(JsonElement element, params string[] path) =>
        At(element, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    // containerd says sha256:HEX and registry/name@sha256:HEX, CRI-O says HEX.
    private static string Bare(string image) =>
        image[(image.LastIndexOf('@') + 1)..].Replace("sha256:", string.Empty, StringComparison.Ordinal);
}
