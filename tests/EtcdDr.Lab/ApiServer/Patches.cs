using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>JSON patch, merge patch, and the part of strategic merge that objects of the lab need.</summary>
internal static class Patches
{
    /// <summary>Lists that strategic merge joins by a key; every other list is replaced.</summary>
    private static readonly Dictionary<string, string> MergeKeys = new()
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["ephemeralContainers"] = "name",
        ["volumes"] = "name",
        ["env"] = "name",
        ["volumeMounts"] = "mountPath",
        ["conditions"] = "type",
        ["taints"] = "key",
        ["addresses"] = "type",
        ["ownerReferences"] = "uid",
        ["imagePullSecrets"] = "name",
        ["hostAliases"] = "ip",
        ["secrets"] = "name",
        ["topologySpreadConstraints"] = "topologyKey",
        ["volumeDevices"] = "devicePath",
    };

    public static JsonObject Apply(JsonObject target, JsonNode patch, string mediaType) =>
        mediaType switch
        {
            "application/json-patch+json" when patch is JsonArray operations => ApplyOperations(target, operations),
            "application/merge-patch+json" when patch is JsonObject merge => Merge(target, merge),
            "application/strategic-merge-patch+json" when patch is JsonObject strategic => MergeStrategic(target, strategic),
            _ => throw new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
                    + "application/merge-patch+json, application/strategic-merge-patch+json"
            ),
        };

    /// <summary>RFC 7386.</summary>
    public static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner)
                target[name] = Merge(target[name] as JsonObject is { } here ? here.Copy() : [], inner);
            else
                target[name] = value.DeepClone();
        }

        return target;
    }

    private static JsonObject MergeStrategic(JsonObject target, JsonObject patch)
    {
        if (patch.Text("$patch") == "replace")
        {
            var replacement = patch.Copy();
            replacement.Remove("$patch");
            return replacement;
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
                RemoveItems(target, name[(name.IndexOf('/') + 1)..], value);
            else if (name.StartsWith('$'))
                continue;
            else if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner)
                target[name] = MergeStrategic(target[name] as JsonObject is { } here ? here.Copy() : [], inner);
            else if (value is JsonArray list)
                target[name] = MergeList(name, target[name] as JsonArray, list);
            else
                target[name] = value.DeepClone();
        }

        return target;
    }

    private static JsonArray MergeList(string name, JsonArray? current, JsonArray patch)
    {
        if (name == "finalizers" && current is not null)
            return new JsonArray(
                current.Concat(patch).Select(i => i!.ToString()).Distinct().Select(i => (JsonNode?)JsonValue.Create(i)).ToArray()
            );
        var key = name == "ports" ? PortKey(patch) : MergeKeys.GetValueOrDefault(name);
        if (key is null || current is null)
            return Plain(patch);
        var result = new JsonArray(current.Select(i => i?.DeepClone()).ToArray());
        foreach (var item in patch.OfType<JsonObject>())
        {
            var found = result.OfType<JsonObject>().FirstOrDefault(i => i.Text(key) == item.Text(key));
            if (item.Text("$patch") == "replace" && item.At(key) is null)
                return Plain(
                    new JsonArray(
                        patch.OfType<JsonObject>().Where(i => i.Text("$patch") is null).Select(i => (JsonNode?)i.DeepClone()).ToArray()
                    )
                );
            if (item.Text("$patch") == "delete")
            {
                if (found is not null)
                    result.Remove(found);
            }
            else if (found is not null)
                result[result.IndexOf(found)] = MergeStrategic(found.Copy(), item);
            else
                result.Add(MergeStrategic([], item));
        }

        return result;
    }

    /// <summary>A list that is new or replaced: without the deletions that were meant for a list that is not there.</summary>
    private static JsonArray Plain(JsonArray patch) =>
        new(patch.Where(i => (i as JsonObject).Text("$patch") is null).Select(i => i?.DeepClone()).ToArray());

    private static string PortKey(JsonArray ports) =>
        ports.OfType<JsonObject>().Any(p => p.ContainsKey("containerPort")) ? "containerPort" : "port";

    private static void RemoveItems(JsonObject target, string name, JsonNode? items)
    {
        if (target[name] is not JsonArray list || items is not JsonArray remove)
            return;
        var gone = remove.Select(i => i!.ToString()).ToHashSet();
        target[name] = new JsonArray(list.Where(i => !gone.Contains(i!.ToString())).Select(i => i!.DeepClone()).ToArray());
    }

    /// <summary>RFC 6902.</summary>
    private static JsonObject ApplyOperations(JsonObject target, JsonArray operations)
    {
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = operation.Text("path") ?? "";
            switch (operation.Text("op"))
            {
                case "add":
                    Set(target, path, operation["value"], add: true);
                    break;
                case "replace":
                    _ = Get(target, path, must: true);
                    Set(target, path, operation["value"], add: false);
                    break;
                case "remove":
                    Remove(target, path);
                    break;
                case "copy":
                    Set(target, path, Get(target, operation.Text("from") ?? "", must: true), add: true);
                    break;
                case "move":
                    var moved = Get(target, operation.Text("from") ?? "", must: true)?.DeepClone();
                    Remove(target, operation.Text("from") ?? "");
                    Set(target, path, moved, add: true);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Get(target, path, must: false), operation["value"]))
                        throw Failed($"testing value {path} failed");
                    break;
                default:
                    throw StatusException.BadRequest($"Unexpected kind: {operation.Text("op")}");
            }
        }

        return target;
    }

    private static string[] Parts(string path) =>
        [
            .. path.Split('/')
                .Skip(1)
                .Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)),
        ];

    private static JsonNode? Get(JsonNode node, string path, bool must)
    {
        JsonNode? here = node;
        foreach (var part in Parts(path))
        {
            here = here switch
            {
                JsonObject o when o.ContainsKey(part) => o[part],
                JsonArray a when int.TryParse(part, CultureInfo.InvariantCulture, out var i) && i < a.Count => a[i],
                _ => must ? throw Failed($"doc is missing path: {path}") : null,
            };
        }

        return here;
    }

    private static void Set(JsonNode target, string path, JsonNode? value, bool add)
    {
        var parts = Parts(path);
        var parent = Get(
            target,
            string.Concat(
                parts[..^1].Select(p => "/" + p.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal))
            ),
            must: true
        );
        if (parent is JsonObject o)
            o[parts[^1]] = value?.DeepClone();
        else if (parent is JsonArray a)
        {
            var at = parts[^1] == "-" ? a.Count : int.Parse(parts[^1], CultureInfo.InvariantCulture);
            if (at > a.Count || (!add && at == a.Count))
                throw Failed($"Unable to access invalid index: {at}");
            if (add)
                a.Insert(at, value?.DeepClone());
            else
                a[at] = value?.DeepClone();
        }
    }

    private static void Remove(JsonNode target, string path)
    {
        _ = Get(target, path, must: true);
        var parts = Parts(path);
        var parent = Get(target, path[..path.LastIndexOf('/')], must: true);
        if (parent is JsonObject o)
            o.Remove(parts[^1]);
        else if (parent is JsonArray a)
            a.RemoveAt(int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }

    private static StatusException Failed(string why) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
