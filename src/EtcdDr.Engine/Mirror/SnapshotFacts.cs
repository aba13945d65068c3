using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Mirror;

/// <summary>The facts of a primary that its snapshot holds. What an older snapshot holds by digest only is known by name.</summary>
internal static class SnapshotFacts
{
    // Resources by the file that holds their objects, and by kind for snapshots that have no such file.
    private static readonly (string Resource, string File, string Group, string Kind)[] Kept =
    [
        ("nodes", "nodes", "", "Node"),
        ("pods", "pods", "", "Pod"),
        ("services", "services", "", "Service"),
        ("persistentvolumes", "persistentvolumes", "", "PersistentVolume"),
        ("persistentvolumeclaims", "persistentvolumeclaims", "", "PersistentVolumeClaim"),
        ("storageclasses.storage.k8s.io", "storageclasses", "storage.k8s.io", "StorageClass"),
        ("csidrivers.storage.k8s.io", "csidrivers", "storage.k8s.io", "CSIDriver"),
        ("priorityclasses.scheduling.k8s.io", "priorityclasses", "scheduling.k8s.io", "PriorityClass"),
        ("runtimeclasses.node.k8s.io", "runtimeclasses", "node.k8s.io", "RuntimeClass"),
        ("ingressclasses.networking.k8s.io", "ingressclasses", "networking.k8s.io", "IngressClass"),
        (
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "validatingwebhookconfigurations",
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration"
        ),
        (
            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "mutatingwebhookconfigurations",
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration"
        ),
    ];

    // Their names alone answer a check.
    private static readonly HashSet<string> EnoughByName = new(StringComparer.Ordinal)
    {
        "storageclasses.storage.k8s.io",
        "csidrivers.storage.k8s.io",
        "priorityclasses.scheduling.k8s.io",
        "runtimeclasses.node.k8s.io",
        "ingressclasses.networking.k8s.io",
    };

    /// <summary>Reads them.</summary>
    /// <param name="reader">The snapshot, unlocked if it is sealed.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>InventoryInvalid</c>, and what the store says.</exception>
    public static async Task<SiteFacts> ReadAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        var found = reader.Snapshot;
        var statics = new List<StaticPodManifest>();
        var objects = await ObjectsAsync(reader, statics, cancellationToken);
        return new SiteFacts
        {
            Name = found.Name,
            Objects = objects,
            Nodes = [.. found.Nodes.Select(n => Node(n, statics))],
            Server = Uri.TryCreate(found.Server, UriKind.Absolute, out var server) ? server : null,
            ControlPlaneEndpoint = await EndpointAsync(reader, cancellationToken),
            KubernetesVersion = found.KubernetesVersion,
            EtcdVersion = found.EtcdVersion,
            DbSize = found.DbSize,
            PodCidr = reader.Settings?.PodCidr,
            ServiceCidr = reader.Settings?.ServiceCidr,
            ServiceAccountIssuer = reader.Settings?.ServiceAccountIssuer,
            EncryptionAtRest = found.EncryptionAtRest,
        };
    }

    private static async Task<string?> EndpointAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        const string path = "inventory/kubeadm-config.yaml";
        return Has(reader, path)
            ? ClusterFacts.From(null, Encoding.UTF8.GetString(await reader.ReadFileAsync(path, cancellationToken)), null).Endpoint
            : null;
    }

    private static SiteNode Node(SnapshotNode node, List<StaticPodManifest> statics)
    {
        var etcd = statics.Find(p => p.Node == node.Name && p.Program == "etcd");
        var apiServer = statics.Find(p => p.Node == node.Name && p.Program == "kube-apiserver");
        return new SiteNode(node.Name, node.Role, node.Address)
        {
            Etcd = etcd is null ? null : Known(() => EtcdMemberConfiguration.From(etcd)),
            ApiServer = apiServer is null ? null : Known(() => ApiServerConfiguration.From(apiServer)),
        };
    }

    private static async Task<Dictionary<string, IReadOnlyList<JsonObject>>> ObjectsAsync(
        SnapshotReader reader,
        List<StaticPodManifest> statics,
        CancellationToken cancellationToken
    )
    {
        var objects = new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal);
        var byName = new Dictionary<(string, string), List<JsonObject>>();
        foreach (var (resource, file, group, kind) in Kept)
        {
            var path = $"inventory/{file}.json";
            if (Has(reader, path))
            {
                objects[resource] = await WholeAsync(reader, path, resource == "pods" ? statics : null, cancellationToken);
            }
            else if (EnoughByName.Contains(resource))
            {
                byName[(group, kind)] = [];
                objects[resource] = byName[(group, kind)];
            }
        }

        if (!Has(reader, InventoryReader.RecordsPath))
        {
            return objects.Where(o => Has(reader, $"inventory/{o.Key.Split('.')[0]}.json")).ToDictionary(StringComparer.Ordinal);
        }

        if (byName.Count > 0)
        {
            await AddNamesAsync(reader, byName, cancellationToken);
        }

        return objects;
    }

    private static async Task AddNamesAsync(
        SnapshotReader reader,
        Dictionary<(string Group, string Kind), List<JsonObject>> byName,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await reader.OpenFileAsync(InventoryReader.RecordsPath, cancellationToken);
        await foreach (var record in InventoryReader.ReadAsync(stream, cancellationToken))
        {
            if (byName.TryGetValue((record.Group, record.Kind), out var list))
            {
                list.Add(new JsonObject { ["metadata"] = new JsonObject { ["name"] = record.Name } });
            }
        }
    }

    private static bool Has(SnapshotReader reader, string path) => reader.ContentPaths.Contains(path, StringComparer.Ordinal);

    private static async Task<List<JsonObject>> WholeAsync(
        SnapshotReader reader,
        string path,
        List<StaticPodManifest>? statics,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await reader.OpenFileAsync(path, cancellationToken);
        try
        {
            var items = new List<JsonObject>();
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable<JsonObject>(stream, cancellationToken: cancellationToken))
            {
                if (item is null)
                {
                    continue;
                }

                if (statics is not null && StaticPod(item) is { } pod)
                {
                    statics.Add(pod);
                }

                items.Add(statics is null ? item : PodNeeds.Of(item));
            }

            return items;
        }
        catch (JsonException e)
        {
            throw new EtcdDrException(
                "InventoryInvalid",
                EtcdDrErrorCategory.InvalidData,
                Errors.InventoryInvalid.With(path, reader.Snapshot),
                Errors.InventoryInvalid_Action,
                path,
                e
            );
        }
    }

    // The API shows static pods as they are in their manifests, so settings of the control plane are known without opening the nodes'
    // archives. JSON is YAML.
    private static StaticPodManifest? StaticPod(JsonObject pod)
    {
        var labels = pod["metadata"]?["labels"];
        if (
            InventoryRules.Text(labels?["tier"]) != "control-plane"
            || InventoryRules.Text(labels?["component"]) is not ("etcd" or "kube-apiserver")
            || InventoryRules.Text(pod["spec"]?["nodeName"]) is not { } node
        )
        {
            return null;
        }

        // Items of a list bear no kind.
        pod["kind"] = "Pod";
        return Known(() => StaticPodManifest.Parse(node, "inventory/pods.json", pod.ToJsonString()));
    }

    // What cannot be read this way is unknown, and the check that wants it says so.
    private static T? Known<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (EtcdDrException)
        {
            return null;
        }
    }
}
