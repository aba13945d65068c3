using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Mirror;

/// <summary>Reduces pods to what checks look at, so that the pods of a large cluster take little memory.</summary>
internal static class PodNeeds
{
    /// <summary>The pod with its name, placement, images, requests and storage servers only.</summary>
    public static JsonObject Of(JsonObject pod)
    {
        var spec = pod["spec"];
        return new JsonObject
        {
            ["metadata"] = Of(pod["metadata"], "name", "namespace"),
            ["spec"] = new JsonObject
            {
                ["nodeName"] = spec?["nodeName"]?.DeepClone(),
                ["nodeSelector"] = spec?["nodeSelector"]?.DeepClone(),
                ["overhead"] = spec?["overhead"]?.DeepClone(),
                ["containers"] = Containers(spec?["containers"]),
                ["initContainers"] = Containers(spec?["initContainers"]),
                ["volumes"] = new JsonArray([
                    .. (spec?["volumes"] as JsonArray ?? [])
                        .Where(v => v?["nfs"] is not null || v?["iscsi"] is not null)
                        .Select(v => v!.DeepClone()),
                ]),
            },
            ["status"] = Of(pod["status"], "phase"),
        };
    }

    private static JsonArray Containers(JsonNode? containers) =>
        new([.. (containers as JsonArray ?? []).Select(c => Of(c, "image", "restartPolicy", "resources"))]);

    private static JsonObject Of(JsonNode? item, params string[] names)
    {
        var kept = new JsonObject();
        foreach (var name in names)
        {
            if (item?[name] is { } value)
            {
                kept[name] = value.DeepClone();
            }
        }

        return kept;
    }
}
