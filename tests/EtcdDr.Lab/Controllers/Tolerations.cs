using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>Whether a pod may be placed on a node: taints, selectors, names.</summary>
internal static class Tolerations
{
    public static bool Fits(JsonObject podSpec, JsonObject node, bool daemon)
    {
        if (!daemon && node.True("spec", "unschedulable"))
            return false;
        if (!daemon && Conditions.Status(node, "Ready") != "True")
            return false;
        foreach (var (label, value) in podSpec.At("nodeSelector") as JsonObject ?? [])
        {
            if (node.Text("metadata", "labels", label) != value?.ToString())
                return false;
        }

        return node.Items("spec", "taints")
            .All(t =>
                t.Text("effect") == "PreferNoSchedule"
                || (daemon && IsNodeCondition(t))
                || podSpec.Items("tolerations").Any(o => Tolerates(o, t))
            );
    }

    /// <summary>The node that a daemon's pod is meant for.</summary>
    public static string? NamedNode(JsonObject podSpec) =>
        podSpec
            .Items("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
            .SelectMany(t => t.Items("matchFields"))
            .Where(f => f.Text("key") == "metadata.name")
            .SelectMany(f => f.Texts("values"))
            .FirstOrDefault();

    private static bool IsNodeCondition(JsonObject taint) =>
        taint.Text("key")
            is "node.kubernetes.io/not-ready"
                or "node.kubernetes.io/unreachable"
                or "node.kubernetes.io/unschedulable"
                or "node.kubernetes.io/disk-pressure"
                or "node.kubernetes.io/memory-pressure";

    private static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        if (toleration.Text("effect") is { Length: > 0 } effect && effect != taint.Text("effect"))
            return false;
        if (string.IsNullOrEmpty(toleration.Text("key")))
            return toleration.Text("operator") == "Exists";
        if (toleration.Text("key") != taint.Text("key"))
            return false;
        return toleration.Text("operator") == "Exists" || (toleration.Text("value") ?? "") == (taint.Text("value") ?? "");
    }
}
