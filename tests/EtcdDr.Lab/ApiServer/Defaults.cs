using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>What the apiserver adds to a new object by itself.</summary>
internal static class Defaults
{
    public static void Apply(Resource resource, JsonObject item)
    {
        switch (resource.FullName)
        {
            case "pods":
                ApplyPod(item);
                break;
            case "namespaces":
                Set(item.Make("status"), "phase", "Active");
                if (item.At("spec", "finalizers") is null)
                    item.Make("spec")["finalizers"] = new JsonArray("kubernetes");
                item.Make("metadata", "labels")["kubernetes.io/metadata.name"] = item.Name();
                break;
            case "secrets":
                ApplySecret(item);
                break;
            case "services":
                Set(item.Make("spec"), "type", "ClusterIP");
                Set(item.Make("spec"), "sessionAffinity", "None");
                break;
            case "persistentvolumes" or "persistentvolumeclaims":
                Set(item.Make("status"), "phase", "Pending");
                break;
            case "customresourcedefinitions.apiextensions.k8s.io":
                ApplyDefinition(item);
                break;
            case "deployments.apps" or "statefulsets.apps" or "replicasets.apps":
                Set(item.Make("spec"), "replicas", 1);
                if (resource.Plural == "deployments")
                    Set(item.Make("spec", "strategy"), "type", "RollingUpdate");
                if (resource.Plural == "statefulsets")
                    Set(item.Make("spec", "updateStrategy"), "type", "RollingUpdate");
                ApplyTemplate(item);
                break;
            case "daemonsets.apps":
                Set(item.Make("spec", "updateStrategy"), "type", "RollingUpdate");
                ApplyTemplate(item);
                break;
        }
    }

    /// <summary>A free address of the service range for a service that wants one.</summary>
    public static void AssignClusterIP(JsonObject service, string range, IEnumerable<string> taken)
    {
        var spec = service.Make("spec");
        if (spec.Text("type") == "ExternalName" || spec.Text("clusterIP") is { Length: > 0 })
            return;
        var network = IPNetwork.Parse(range);
        var used = taken.ToHashSet();
        var size = 1 << Math.Min(16, 32 - network.PrefixLength);
        for (var tries = 0; tries < 1000; tries++)
        {
            var address = Nth(network, RandomNumberGenerator.GetInt32(16, size - 1)).ToString();
            if (used.Contains(address))
                continue;
            spec["clusterIP"] = address;
            spec["clusterIPs"] = new JsonArray(address);
            return;
        }
    }

    /// <summary>Address number <paramref name="n"/> of a range; the first is the kubernetes service's.</summary>
    public static IPAddress Nth(IPNetwork network, int n)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var i = bytes.Length - 1; i >= 0 && n > 0; i--)
        {
            n += bytes[i];
            bytes[i] = (byte)n;
            n >>= 8;
        }

        return new IPAddress(bytes);
    }

    private static void ApplyPod(JsonObject item)
    {
        var spec = item.Make("spec");
        Set(spec, "restartPolicy", "Always");
        Set(spec, "terminationGracePeriodSeconds", 30);
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "schedulerName", "default-scheduler");
        Set(spec, "serviceAccountName", "default");
        Set(spec, "enableServiceLinks", true);
        Set(item.Make("status"), "phase", "Pending");
        Set(item.Make("status"), "qosClass", "BestEffort");
    }

    private static void ApplyTemplate(JsonObject item)
    {
        if (item.At("spec", "template") is not JsonObject)
            return;
        var spec = item.Make("spec", "template", "spec");
        Set(spec, "restartPolicy", "Always");
        Set(spec, "terminationGracePeriodSeconds", 30);
    }

    private static void ApplySecret(JsonObject item)
    {
        Set(item, "type", "Opaque");
        if (item.At("stringData") is not JsonObject plain)
            return;
        foreach (var (name, value) in plain)
            item.Make("data")[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
        item.Remove("stringData");
    }

    private static void ApplyDefinition(JsonObject item)
    {
        var now = Json.Time(DateTimeOffset.UtcNow);
        JsonObject Condition(string type, string reason) =>
            new()
            {
                ["type"] = type,
                ["status"] = "True",
                ["reason"] = reason,
                ["message"] = "",
                ["lastTransitionTime"] = now,
            };
        item["status"] = new JsonObject
        {
            ["acceptedNames"] = item.At("spec", "names")?.DeepClone(),
            ["conditions"] = new JsonArray(Condition("NamesAccepted", "NoConflicts"), Condition("Established", "InitialNamesAccepted")),
            ["storedVersions"] = new JsonArray(
                item.Items("spec", "versions")
                    .Where(v => v.True("storage"))
                    .Select(v => (JsonNode?)JsonValue.Create(v.Text("name")))
                    .ToArray()
            ),
        };
    }

    private static void Set(JsonObject parent, string name, JsonNode value)
    {
        if (parent[name] is null)
            parent[name] = value;
    }

    public static string RandomSuffix() => RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
