using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>The names by which people call kinds.</summary>
internal static class KindNames
{
    private static readonly Dictionary<string, string> Short = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cj"] = "CronJob",
        ["cm"] = "ConfigMap",
        ["crd"] = "CustomResourceDefinition",
        ["crds"] = "CustomResourceDefinition",
        ["deploy"] = "Deployment",
        ["ds"] = "DaemonSet",
        ["ep"] = "Endpoints",
        ["ev"] = "Event",
        ["hpa"] = "HorizontalPodAutoscaler",
        ["ing"] = "Ingress",
        ["limits"] = "LimitRange",
        ["netpol"] = "NetworkPolicy",
        ["no"] = "Node",
        ["ns"] = "Namespace",
        ["pc"] = "PriorityClass",
        ["pdb"] = "PodDisruptionBudget",
        ["po"] = "Pod",
        ["pv"] = "PersistentVolume",
        ["pvc"] = "PersistentVolumeClaim",
        ["quota"] = "ResourceQuota",
        ["rc"] = "ReplicationController",
        ["rs"] = "ReplicaSet",
        ["sa"] = "ServiceAccount",
        ["sc"] = "StorageClass",
        ["sts"] = "StatefulSet",
        ["svc"] = "Service",
    };

    /// <summary>Whether a pattern means a kind: its name, its plural, either with its group, or kubectl's short name; without regard to
    /// case.</summary>
    /// <param name="pattern">What was typed, with wildcards.</param>
    /// <param name="group">API group.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="plural">Name of its resource; null where only the kind is known.</param>
    public static bool Fits(string pattern, string group, string kind, string? plural)
    {
        if (Short.TryGetValue(pattern, out var meant))
        {
            return meant == kind;
        }

        plural ??= Plural(kind);
        var names = group.Length == 0 ? [kind, plural] : (ReadOnlySpan<string>)[kind, plural, $"{kind}.{group}", $"{plural}.{group}"];
        foreach (var name in names)
        {
            if (Wildcard.Matches(pattern, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The plural of a kind as people form it.</summary>
    public static string Plural(string kind)
    {
        var name = kind.ToLowerInvariant();
        return name switch
        {
            "endpoints" => name,
            [.., 's' or 'x'] or [.., 'c' or 's', 'h'] => name + "es",
            [.., 'y'] and not [.., 'a' or 'e' or 'o', 'y'] => name[..^1] + "ies",
            _ => name + "s",
        };
    }
}
