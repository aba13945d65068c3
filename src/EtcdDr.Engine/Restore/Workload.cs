using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>What readiness and rolling need to know of a DaemonSet, Deployment or StatefulSet.</summary>
internal sealed record Workload
{
    public required string Kind { get; init; }

    public required string Path { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public bool Paused { get; init; }

    /// <summary>Whether a changed template replaces pods; not so with the update strategy OnDelete.</summary>
    public bool RollsByItself { get; init; }

    /// <summary>Labels of its pods.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Which version of its specification it is.</summary>
    public long Generation { get; init; }

    /// <summary>Whether its pods are plug-ins of the kubelet, as storage drivers are on every node.</summary>
    public bool IsKubeletPlugin { get; init; }

    /// <summary>Why it is not rolled out; null if it is.</summary>
    public string? NotReady { get; init; }

    /// <summary>Reads an object of apps/v1.</summary>
    /// <param name="plural">The resource.</param>
    /// <param name="item">The object.</param>
    /// <param name="lostNodes">How many nodes were given up: a DaemonSet counts them until their objects are removed.</param>
    public static Workload From(string plural, JsonObject item, int lostNodes = 0)
    {
        var metadata = item["metadata"]!;
        var name = (string)metadata["name"]!;
        var space = (string)metadata["namespace"]!;
        return new Workload
        {
            Kind = KindOf(plural),
            Path = $"/apis/apps/v1/namespaces/{space}/{plural}/{name}",
            Namespace = space,
            Name = name,
            Paused = item["spec"]?["paused"]?.GetValue<bool>() ?? false,
            RollsByItself = (string?)item["spec"]?["updateStrategy"]?["type"] != "OnDelete",
            PodLabels = item["spec"]?["template"]?["metadata"]?["labels"] is JsonObject labels
                ? Labels(labels)
                : new Dictionary<string, string>(),
            Generation = Number(metadata, "generation"),
            IsKubeletPlugin = IsPlugin(item["spec"]?["template"]?["spec"]?["volumes"] as JsonArray),
            NotReady = Reason(plural, item, lostNodes),
        };
    }

    /// <summary>The kind of a collection of apps/v1.</summary>
    public static string KindOf(string plural) =>
        plural switch
        {
            "daemonsets" => "DaemonSet",
            "deployments" => "Deployment",
            _ => "StatefulSet",
        };

    /// <summary>Labels, or a selector of them.</summary>
    public static IReadOnlyDictionary<string, string> Labels(JsonObject labels) =>
        labels.Where(l => l.Value is not null).ToDictionary(l => l.Key, l => (string)l.Value!, StringComparer.Ordinal);

    private static bool IsPlugin(JsonArray? volumes) =>
        (volumes ?? []).Any(v =>
            (string?)v?["hostPath"]?["path"] is { } path && path.StartsWith("/var/lib/kubelet/plugins", StringComparison.Ordinal)
        );

    // The same questions as `kubectl rollout status` asks.
    private static string? Reason(string plural, JsonObject item, int lostNodes)
    {
        var status = item["status"];
        if (Number(status, "observedGeneration") < Number(item["metadata"], "generation"))
        {
            return "its controller has not seen the newest change yet";
        }

        if (plural == "daemonsets")
        {
            var desired = Number(status, "desiredNumberScheduled") - lostNodes;
            return Missing("updated", Number(status, "updatedNumberScheduled"), desired)
                ?? Missing("available", Number(status, "numberAvailable"), desired);
        }

        var replicas = item["spec"]?["replicas"]?.GetValue<long>() ?? 1;

        // Pods below a partition keep the older template on purpose.
        var partition = Number(item["spec"]?["updateStrategy"]?["rollingUpdate"], "partition");
        var reason = Missing("updated", Number(status, "updatedReplicas"), Math.Max(0, replicas - partition));
        if (plural == "deployments")
        {
            reason ??= Number(status, "replicas") > replicas ? $"{Number(status, "replicas") - replicas} old pods are still there" : null;
            return reason ?? Missing("available", Number(status, "availableReplicas"), replicas);
        }

        return reason ?? Missing("ready", Number(status, "readyReplicas"), replicas);
    }

    private static string? Missing(string what, long have, long want) => have < want ? $"{have} of {want} pods are {what}" : null;

    private static long Number(JsonNode? parent, string name) => parent?[name]?.GetValue<long>() ?? 0;
}
