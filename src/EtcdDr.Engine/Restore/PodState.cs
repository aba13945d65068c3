using System.Globalization;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Restore;

/// <summary>What readiness and the report need to know of a pod.</summary>
internal sealed record PodState
{
    private static readonly string[] WorkloadKinds = ["ReplicaSet", "DaemonSet", "StatefulSet"];

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string? Node { get; init; }

    public required string Status { get; init; }

    public int ReadyContainers { get; init; }

    public int Containers { get; init; }

    public int Restarts { get; init; }

    public DateTime? Created { get; init; }

    public bool IsMirror { get; init; }

    /// <summary>Whether a controller makes it anew when it is deleted.</summary>
    public bool IsControlled { get; init; }

    public bool IsOwnedByWorkload { get; init; }

    public bool IsOwnedByJob { get; init; }

    public bool IsDone { get; init; }

    public bool IsReady { get; init; }

    /// <summary>Reads a pod.</summary>
    public static PodState From(JsonObject item)
    {
        var metadata = item["metadata"]!;
        var status = item["status"];
        var phase = (string?)status?["phase"] ?? "Unknown";
        var containers = status?["containerStatuses"] as JsonArray ?? [];
        var owners = (metadata["ownerReferences"] as JsonArray ?? []).Select(o => (string?)o?["kind"]).ToList();
        var conditions = status?["conditions"] as JsonArray ?? [];
        return new PodState
        {
            Namespace = (string)metadata["namespace"]!,
            Name = (string)metadata["name"]!,
            Node = (string?)item["spec"]?["nodeName"],
            Status = Describe(item, phase, containers),
            ReadyContainers = containers.Count(c => c?["ready"]?.GetValue<bool>() == true),
            Containers = (item["spec"]?["containers"] as JsonArray)?.Count ?? 0,
            Restarts = containers.Sum(c => c?["restartCount"]?.GetValue<int>() ?? 0),
            Created = DateTime.TryParse(
                (string?)metadata["creationTimestamp"],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out var created
            )
                ? created
                : null,
            IsMirror = metadata["annotations"]?["kubernetes.io/config.mirror"] is not null,
            IsOwnedByWorkload = owners.Any(WorkloadKinds.Contains),
            IsOwnedByJob = owners.Contains("Job"),
            IsControlled = (metadata["ownerReferences"] as JsonArray ?? []).Any(o =>
                o?["controller"]?.GetValue<bool>() == true && (string?)o["kind"] != "Node"
            ),

            // A pod that failed or was evicted stays as a record; what is to run in its place is another.
            IsDone = phase is "Succeeded" or "Failed",
            IsReady = phase == "Running" && conditions.Any(c => (string?)c?["type"] == "Ready" && (string?)c?["status"] == "True"),
        };
    }

    /// <summary>As a report shows it.</summary>
    public RestorePod ToReport() => new(Namespace, Name, $"{ReadyContainers}/{Containers}", Status, Restarts, Node, Created);

    // As `kubectl get pods` words it: a container's reason for waiting says more than the phase.
    private static string Describe(JsonObject item, string phase, JsonArray containers)
    {
        if (item["metadata"]?["deletionTimestamp"] is not null)
        {
            return "Terminating";
        }

        var waiting = containers.Select(c => (string?)c?["state"]?["waiting"]?["reason"]).FirstOrDefault(r => r is not null);
        return waiting ?? (string?)item["status"]?["reason"] ?? phase;
    }
}
