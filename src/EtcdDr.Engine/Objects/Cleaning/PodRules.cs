using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What scheduler and admission write into pods.</summary>
internal static class PodRules
{
    // Admission names the volume of the account's token so, and nothing else may be called so.
    private const string TokenVolumes = "kube-api-access-";

    /// <summary>Cleans a pod, which is changed.</summary>
    public static void Clean(JsonObject body)
    {
        if (body["spec"] is not JsonObject spec)
        {
            return;
        }

        // The priority is what the class says; a number that disagrees with the class is refused.
        spec.RemoveAll("nodeName", "ephemeralContainers", "priority", "preemptionPolicy");
        var tokens = spec.ObjectsAt("volumes")
            .Where(v => v["projected"] is not null)
            .Select(v => v.TextAt("name") ?? string.Empty)
            .Where(n => n.StartsWith(TokenVolumes, StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        if (tokens.Count == 0)
        {
            return;
        }

        bool IsToken(JsonNode? part) => tokens.Contains(part.TextAt("name") ?? string.Empty);
        spec.RemoveItems("volumes", IsToken);
        foreach (var container in spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers")))
        {
            container.RemoveItems("volumeMounts", IsToken);
        }
    }

    /// <summary>Whether a pod has ended.</summary>
    public static bool IsFinished(JsonObject body) => body.TextAt("status", "phase") is "Succeeded" or "Failed";

    /// <summary>Whether a pod is the image of a node's static pod.</summary>
    public static bool IsMirror(JsonObject body) => body.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null;
}
