using System.Text;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>A table that people read, like <c>kubectl get</c>'s, for the kinds that they look for first.</summary>
internal sealed class InventoryTable
{
    private readonly Func<JsonObject, string[]> _row;
    private readonly List<string[]> _rows = [];

    private InventoryTable(string[] headings, Func<JsonObject, string[]> row)
    {
        _row = row;
        _rows.Add(headings);
    }

    /// <summary>The table of a kind; null for kinds that have none.</summary>
    public static InventoryTable? For(KubeResource resource) =>
        resource.FullName switch
        {
            "nodes" => new(["NAME", "ROLES", "VERSION", "INTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"], Node),
            "pods" => new(["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "NODE", "IP"], Pod),
            "services" => new(["NAMESPACE", "NAME", "TYPE", "CLUSTER-IP", "PORTS"], Service),
            "configmaps" => new(["NAMESPACE", "NAME"], i => [Meta(i, "namespace"), Meta(i, "name")]),
            "deployments.apps" or "statefulsets.apps" => new(
                ["NAMESPACE", "NAME", "READY", "IMAGES"],
                i => Workload(i, "replicas", "readyReplicas")
            ),
            "daemonsets.apps" => new(["NAMESPACE", "NAME", "READY", "IMAGES"], i => Workload(i, null, "numberReady")),
            "jobs.batch" or "cronjobs.batch" => new(["NAMESPACE", "NAME"], i => [Meta(i, "namespace"), Meta(i, "name")]),
            _ => null,
        };

    /// <summary>The row of an object; may be asked by several threads at once.</summary>
    public string[] Row(JsonObject item) => _row(item);

    /// <summary>Adds a row.</summary>
    public void Add(string[] row) => _rows.Add(row);

    /// <summary>The table as text, columns aligned.</summary>
    public string Render()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(c => _rows.Max(r => r[c].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            text.Append(string.Join("   ", row.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static string[] Node(JsonObject item)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = (item["metadata"]?["labels"] as JsonObject ?? [])
            .Select(l => l.Key)
            .Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
            .Select(k => k[prefix.Length..]);
        var info = item["status"]?["nodeInfo"];
        return
        [
            Meta(item, "name"),
            OrNone(string.Join(',', roles)),
            Text(info?["kubeletVersion"]),
            ClusterAddress(item),
            Text(info?["osImage"]),
            Text(info?["kernelVersion"]),
            Text(info?["containerRuntimeVersion"]),
        ];
    }

    private static string ClusterAddress(JsonObject node) =>
        OrNone(
            string.Join(
                ',',
                (node["status"]?["addresses"] as JsonArray ?? [])
                    .Where(a => InventoryRules.Text(a?["type"]) == "InternalIP")
                    .Select(a => Text(a?["address"]))
            )
        );

    private static string[] Pod(JsonObject item)
    {
        var containers = (item["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var ready = $"{containers.Count(c => c["ready"]?.ToString() == "true")}/{(item["spec"]?["containers"] as JsonArray)?.Count ?? 0}";
        var restarts = containers
            .Sum(c => int.TryParse(c["restartCount"]?.ToString(), out var n) ? n : 0)
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        return
        [
            Meta(item, "namespace"),
            Meta(item, "name"),
            ready,
            Text(item["status"]?["phase"]),
            restarts,
            Text(item["spec"]?["nodeName"]),
            Text(item["status"]?["podIP"]),
        ];
    }

    private static string[] Service(JsonObject item)
    {
        var ports = (item["spec"]?["ports"] as JsonArray ?? []).Select(p =>
            $"{p?["port"]}{(p?["nodePort"] is { } node ? $":{node}" : "")}/{Text(p?["protocol"])}"
        );
        return
        [
            Meta(item, "namespace"),
            Meta(item, "name"),
            Text(item["spec"]?["type"]),
            Text(item["spec"]?["clusterIP"]),
            OrNone(string.Join(',', ports)),
        ];
    }

    private static string[] Workload(JsonObject item, string? wanted, string ready)
    {
        var images = (item["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).Select(c => Text(c?["image"]));
        var want = wanted is null ? item["status"]?["desiredNumberScheduled"] : item["spec"]?[wanted];
        return
        [
            Meta(item, "namespace"),
            Meta(item, "name"),
            $"{item["status"]?[ready]?.ToString() ?? "0"}/{want?.ToString() ?? "0"}",
            string.Join(',', images),
        ];
    }

    private static string Meta(JsonObject item, string key) => Text(item["metadata"]?[key]);

    private static string Text(JsonNode? node) => OrNone(InventoryRules.Text(node) ?? "");

    private static string OrNone(string text) => text.Length > 0 ? text : "<none>";
}
