using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Images of the primary's pods that no node of the secondary has yet.</summary>
internal sealed class ImagesCheck : IMirrorCheck
{
    public string Name => "Images";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var present = secondary.Probed.SelectMany(n => n.Probe!.Images).ToHashSet(StringComparer.Ordinal);
        if (primary.Of("pods") is not { } pods || present.Count == 0)
        {
            return [MirrorFinding.Information("The primary's pods or the secondary's images are not known.")];
        }

        var absent = pods.SelectMany(p =>
                (p["spec"]?["containers"] as JsonArray ?? []).Concat(p["spec"]?["initContainers"] as JsonArray ?? [])
            )
            .Select(c => InventoryRules.Text(c?["image"]))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Where(i => !present.Any(p => IsSame(p, i)))
            .Order(StringComparer.Ordinal)
            .ToList();
        return absent.Count == 0
            ? [MirrorFinding.Pass("All images of the primary's pods are on the secondary.")]
            :
            [
                MirrorFinding.Information(
                    $"{absent.Count} images are on no node of the secondary yet and will be pulled: "
                        + $"{string.Join(", ", absent.Take(5))}{(absent.Count > 5 ? ", ..." : "")}."
                ),
            ];
    }

    // crictl shows full names; manifests leave out docker.io, library and the tag "latest".
    private static bool IsSame(string full, string written)
    {
        var tagged = written.LastIndexOf(':') > written.LastIndexOf('/') ? written : $"{written}:latest";
        return full == tagged || full == $"docker.io/{tagged}" || full == $"docker.io/library/{tagged}";
    }
}
