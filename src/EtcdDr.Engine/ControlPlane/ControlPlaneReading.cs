namespace EtcdDr.Engine.ControlPlane;

/// <summary>Reads what <see cref="ControlPlaneCommands.State"/> prints.</summary>
internal static class ControlPlaneReading
{
    public static ControlPlaneState Parse(string cluster, string node, string text, TimeSpan elapsed)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).Where(l => l.Length >= 2).ToList();
        var manifests = Named(lines, "manifest");
        var held = Named(lines, "held");
        var containers = Named(lines, "container").Distinct(StringComparer.Ordinal).ToList();
        return new ControlPlaneState
        {
            Cluster = cluster,
            Node = node,
            State = Judge(manifests, held, containers),
            KubeletActive = lines.Any(l => l is ["kubelet", "active"]),
            Manifests = manifests,
            HeldManifests = held,
            Containers = containers,
            Elapsed = elapsed,
        };
    }

    private static string Judge(List<string> manifests, List<string> held, List<string> containers)
    {
        if (manifests.Count == 0 && containers.Count == 0)
        {
            return held.Count > 0 ? "Stopped" : "Unknown";
        }

        return held.Count == 0 && manifests.All(containers.Contains) ? "Running" : "Partial";
    }

    private static List<string> Named(List<string[]> lines, string kind) => lines.Where(l => l[0] == kind).Select(l => l[1]).ToList();
}
