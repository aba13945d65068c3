using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>
/// Server-side apply with ownership of fields, as far as the lab needs it: appliers own what they applied, by metadata.managedFields in the
/// real format; whatever else stands in an object is somebody else's. A field that differs and is not the applier's own is a conflict
/// unless it is forced; what an applier applied before and leaves out now goes. Lists have the keys of Kubernetes' own kinds, others are
/// whole.
/// </summary>
internal static class ServerSideApply
{
    private static readonly string[] Identity =
    [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "managedFields",
        "generation",
    ];

    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["volumes"] = ["name"],
        ["env"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["ownerReferences"] = ["uid"],
        ["imagePullSecrets"] = ["name"],
        ["webhooks"] = ["name"],
        ["ports"] = ["port", "protocol"],
    };

    /// <summary>The object that an apply makes of the one that is there.</summary>
    public static JsonObject Apply(
        JsonObject current,
        JsonObject patch,
        string manager,
        bool force,
        Func<IEnumerable<(string Manager, string Field)>, Exception> conflict
    )
    {
        var result = current.Copy();
        var managed = Managed(current);
        var own = managed.GetValueOrDefault(manager, []);
        var wanted = Leaves(Meant(patch));
        var others = wanted
            .Where(w => Find(current, w.Key) is { } there && !JsonNode.DeepEquals(there.Value, w.Value) && !own.Contains(w.Key))
            .Select(w => (Owner(managed, w.Key, manager), Dotted(w.Key)))
            .ToList();
        if (others.Count > 0 && !force)
            throw conflict(others);

        foreach (var path in own.Where(p => !wanted.ContainsKey(p) && !managed.Any(m => m.Key != manager && m.Value.Contains(p))))
            Remove(result, path);
        foreach (var (path, value) in wanted)
            Set(result, path, value);
        foreach (var taken in managed.Where(m => m.Key != manager))
            taken.Value.RemoveWhere(p => others.Exists(o => o.Item2 == Dotted(p)));
        managed[manager] = [.. wanted.Keys];
        Write(result, managed);
        return result;
    }

    /// <summary>What is owned after a change that was no apply: who changes a field by other means takes it from those who applied
    /// it.</summary>
    public static void Keep(JsonObject current, JsonObject changed)
    {
        var managed = Managed(current);
        foreach (var (_, paths) in managed)
            paths.RemoveWhere(p => !JsonNode.DeepEquals(Find(current, p)?.Value, Find(changed, p)?.Value));
        Write(changed, managed);
    }

    /// <summary>Ownership of an object that an apply has just made.</summary>
    public static void Own(JsonObject made, JsonObject patch, string manager) =>
        Write(made, new Dictionary<string, HashSet<string>> { [manager] = [.. Leaves(Meant(patch)).Keys] });

    private static JsonObject Meant(JsonObject patch)
    {
        var meant = patch.Copy();
        meant.Remove("apiVersion");
        meant.Remove("kind");
        meant.Remove("status");
        if (meant["metadata"] is JsonObject metadata)
        {
            foreach (var name in Identity)
                metadata.Remove(name);
            if (metadata.Count == 0)
                meant.Remove("metadata");
        }

        return meant;
    }

    private static string Owner(Dictionary<string, HashSet<string>> managed, string path, string manager) =>
        managed.FirstOrDefault(m => m.Key != manager && m.Value.Contains(path)).Key ?? "before-first-apply";

    private static string Dotted(string path) => string.Concat(path.Split('\n').Select(DottedStep));

    private static string DottedStep(string step) =>
        step.StartsWith("f:", StringComparison.Ordinal)
            ? "." + step[2..]
            : $"[{step[2..].Trim('{', '}').Replace("\":", "=", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}]";

    private static Dictionary<string, JsonNode?> Leaves(JsonObject item)
    {
        var leaves = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (name, value) in item)
            AddLeaves(leaves, "f:" + name, name, value);
        return leaves;
    }

    private static void AddLeaves(Dictionary<string, JsonNode?> leaves, string path, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                foreach (var (key, inner) in map)
                    AddLeaves(leaves, $"{path}\nf:{key}", key, inner);
                break;
            case JsonArray list
                when Keys.TryGetValue(name, out var keys) && list.Count > 0 && list.All(i => i.At(KeysOf(keys, i)[0]) is not null):
                foreach (var item in list.OfType<JsonObject>())
                {
                    var key = new JsonObject();
                    foreach (var part in KeysOf(keys, item))
                        key[part] = item[part]?.DeepClone() ?? (part == "protocol" ? "TCP" : null);
                    foreach (var (inner, content) in item)
                        AddLeaves(leaves, $"{path}\nk:{key.ToJsonString()}\nf:{inner}", inner, content);
                }

                break;
            default:
                leaves[path] = value?.DeepClone();
                break;
        }
    }

    private static string[] KeysOf(string[] keys, JsonNode? item) =>
        keys[0] == "port" && item.At("containerPort") is not null ? ["containerPort", "protocol"] : keys;

    private static (JsonNode? Value, bool There)? Find(JsonObject item, string path)
    {
        JsonNode? here = item;
        foreach (var step in path.Split('\n'))
        {
            if (step.StartsWith("f:", StringComparison.Ordinal))
            {
                if (here is not JsonObject map || !map.TryGetPropertyValue(step[2..], out here))
                    return null;
            }
            else if ((here = Item(here as JsonArray, step)) is null)
                return null;
        }

        return (here, true);
    }

    private static JsonObject? Item(JsonArray? list, string step)
    {
        var key = (JsonObject)JsonNode.Parse(step[2..])!;
        return list
            ?.OfType<JsonObject>()
            .FirstOrDefault(i => key.All(k => JsonNode.DeepEquals(i[k.Key] ?? (k.Key == "protocol" ? "TCP" : null), k.Value)));
    }

    private static void Set(JsonObject item, string path, JsonNode? value)
    {
        var steps = path.Split('\n');
        JsonNode here = item;
        for (var i = 0; i < steps.Length - 1; i++)
        {
            if (steps[i].StartsWith("f:", StringComparison.Ordinal))
            {
                var map = (JsonObject)here;
                var name = steps[i][2..];
                var isList = steps[i + 1].StartsWith("k:", StringComparison.Ordinal);
                if (isList ? map[name] is not JsonArray : map[name] is not JsonObject)
                    map[name] = isList ? new JsonArray() : new JsonObject();
                here = map[name]!;
            }
            else
            {
                var list = (JsonArray)here;
                if (Item(list, steps[i]) is not { } found)
                {
                    found = [];
                    list.Add(found);
                }

                here = found;
            }
        }

        ((JsonObject)here)[steps[^1][2..]] = value?.DeepClone();
    }

    private static void Remove(JsonObject item, string path)
    {
        var cut = path.LastIndexOf('\n');
        var parent = cut < 0 ? item : Find(item, path[..cut])?.Value as JsonObject;
        parent?.Remove(path[(cut + 1)..][2..]);
        if (cut < 0 || parent is null)
            return;
        // An item of a list goes with its last field but its key; a map stays, as the real one's does where others own something in it.
        var step = path[(path[..cut].LastIndexOf('\n') + 1)..cut];
        if (step.StartsWith("k:", StringComparison.Ordinal) && parent.All(f => ((JsonObject)JsonNode.Parse(step[2..])!).ContainsKey(f.Key)))
            (parent.Parent as JsonArray)?.Remove(parent);
    }

    private static Dictionary<string, HashSet<string>> Managed(JsonObject item)
    {
        var managed = new Dictionary<string, HashSet<string>>();
        foreach (var entry in item.Items("metadata", "managedFields"))
        {
            var paths = new HashSet<string>(StringComparer.Ordinal);
            Read(paths, "", entry["fieldsV1"] as JsonObject ?? []);
            managed[entry.Text("manager") ?? ""] = paths;
        }

        return managed;
    }

    private static void Read(HashSet<string> paths, string path, JsonObject fields)
    {
        foreach (var (step, inner) in fields)
        {
            var here = path.Length == 0 ? step : $"{path}\n{step}";
            if (inner is JsonObject { Count: > 0 } more)
                Read(paths, here, more);
            else
                paths.Add(here);
        }
    }

    private static void Write(JsonObject item, Dictionary<string, HashSet<string>> managed)
    {
        var metadata = item.Make("metadata");
        metadata.Remove("managedFields");
        var entries = new JsonArray();
        foreach (var (manager, paths) in managed.Where(m => m.Value.Count > 0))
        {
            var fields = new JsonObject();
            foreach (var path in paths.Order(StringComparer.Ordinal))
                fields.Make(path.Split('\n'));
            entries.Add(
                new JsonObject
                {
                    ["manager"] = manager,
                    ["operation"] = "Apply",
                    ["apiVersion"] = item.Text("apiVersion"),
                    ["fieldsType"] = "FieldsV1",
                    ["fieldsV1"] = fields,
                }
            );
        }

        if (entries.Count > 0)
            metadata["managedFields"] = entries;
    }
}
