using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>Deployments, ReplicaSets, StatefulSets and DaemonSets: their pods, their rolling updates, their status.</summary>
internal sealed class Workloads(
    ApiClient api,
    Reflector nodes,
    Reflector pods,
    Reflector deployments,
    Reflector replicaSets,
    Reflector statefulSets,
    Reflector daemonSets
)
{
    private const string HashLabel = "pod-template-hash";
    private const string RevisionLabel = "controller-revision-hash";

    public bool HasPods(string ns) => pods.Items.Values.Any(p => p.Namespace() == ns);

    public IEnumerable<string> NodeNames() =>
        pods.Items.Values.Select(p => p.Text("spec", "nodeName") ?? "").Where(n => n.Length > 0).Distinct();

    public async Task RemovePodsOfAsync(string node, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.Items.Values.Where(p => p.Text("spec", "nodeName") == node).ToArray())
            await RemoveAsync(pod, 0, cancellationToken);
    }

    /// <summary>Pods of a lost node are not ready any more; nobody there could say so.</summary>
    public async Task MarkNotReadyAsync(string node, CancellationToken cancellationToken)
    {
        foreach (
            var pod in pods.Items.Values.Where(p => p.Text("spec", "nodeName") == node && Conditions.Status(p, "Ready") == "True").ToArray()
        )
        {
            var copy = new JsonObject { ["status"] = pod.At("status")?.DeepClone() };
            Conditions.Set(copy, "Ready", "False", "NodeNotReady");
            await api.MergeAsync(
                $"{PathOf("/api/v1", pod, "pods")}/status",
                new JsonObject { ["status"] = new JsonObject { ["conditions"] = copy.At("status", "conditions")!.DeepClone() } },
                cancellationToken
            );
        }
    }

    public async Task SyncAsync(Func<string, Func<Task>, Task> attempt, CancellationToken cancellationToken)
    {
        foreach (var item in Live(deployments))
            await attempt($"deployment {Reflector.Key(item)}", () => SyncDeploymentAsync(item, cancellationToken));
        foreach (var item in Live(replicaSets))
            await attempt($"replicaset {Reflector.Key(item)}", () => SyncReplicaSetAsync(item, cancellationToken));
        foreach (var item in Live(statefulSets))
            await attempt($"statefulset {Reflector.Key(item)}", () => SyncStatefulSetAsync(item, cancellationToken));
        foreach (var item in Live(daemonSets))
            await attempt($"daemonset {Reflector.Key(item)}", () => SyncDaemonSetAsync(item, cancellationToken));
        await attempt("orphans", () => CollectOrphansAsync(cancellationToken));
    }

    private static JsonObject[] Live(Reflector reflector) =>
        [.. reflector.Items.Values.Where(i => i.At("metadata", "deletionTimestamp") is null)];

    private JsonObject[] PodsOf(JsonObject owner) =>
        [
            .. pods.Items.Values.Where(p =>
                p.Namespace() == owner.Namespace() && IsOwner(p, owner) && p.Text("status", "phase") is not ("Succeeded" or "Failed")
            ),
        ];

    private async Task SyncDeploymentAsync(JsonObject deployment, CancellationToken cancellationToken)
    {
        var wanted = deployment.Number("spec", "replicas") ?? 1;
        var hash = TemplateHash(deployment);
        var mine = replicaSets.Items.Values.Where(r => r.Namespace() == deployment.Namespace() && IsOwner(r, deployment)).ToList();
        var current = mine.FirstOrDefault(r => r.Text("metadata", "labels", HashLabel) == hash);
        if (current is null)
        {
            current = await api.CreateAsync(
                $"/apis/apps/v1/namespaces/{deployment.Namespace()}/replicasets",
                NewReplicaSet(deployment, hash, mine.Count == 0 ? wanted : 0),
                cancellationToken
            );
            replicaSets.Items[Reflector.Key(current)] = current;
            mine.Add(current);
        }

        var old = mine.Where(r => r != current && (r.Number("spec", "replicas") ?? 0) > 0).ToArray();
        await RollAsync(wanted, current, old, cancellationToken);
        var podsOf = mine.SelectMany(PodsOf).Where(NotDeleting).ToArray();
        var updated = PodsOf(current).Count(NotDeleting);
        var ready = podsOf.Count(IsReady);
        var status = new JsonObject
        {
            ["observedGeneration"] = deployment.Number("metadata", "generation") ?? 1,
            ["replicas"] = podsOf.Length,
            ["updatedReplicas"] = updated,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = ready,
            ["unavailableReplicas"] = Math.Max(0, Math.Max(wanted, podsOf.Length) - ready),
        };
        var copy = new JsonObject { ["status"] = deployment.At("status")?.DeepClone() };
        var enough = ready >= wanted - wanted / 4;
        Conditions.Set(copy, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable");
        Conditions.Set(
            copy,
            "Progressing",
            "True",
            updated == wanted && ready == wanted && podsOf.Length == wanted ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"
        );
        status["conditions"] = copy.At("status", "conditions")!.DeepClone();
        await ReportAsync(PathOf("/apis/apps/v1", deployment, "deployments"), deployment, status, cancellationToken);
    }

    /// <summary>RollingUpdate with a quarter of surge and of unavailability; Recreate is the same here.</summary>
    private async Task RollAsync(long wanted, JsonObject current, JsonObject[] old, CancellationToken cancellationToken)
    {
        var surge = (wanted + 3) / 4;
        var total = (current.Number("spec", "replicas") ?? 0) + old.Sum(r => r.Number("spec", "replicas") ?? 0);
        var room = old.Length == 0 ? wanted : wanted + surge - total;
        var grown = old.Length == 0 ? wanted : Math.Min(wanted, (current.Number("spec", "replicas") ?? 0) + Math.Max(0, room));
        await ScaleAsync(current, grown, cancellationToken);
        var available = PodsOf(current).Count(IsReady) + old.SelectMany(PodsOf).Count(IsReady);
        var spare = available - (wanted - wanted / 4);
        foreach (var set in old)
        {
            var has = set.Number("spec", "replicas") ?? 0;
            // What is not ready may go at any time.
            var cut = Math.Min(has, Math.Max(0, spare) + Math.Max(0, has - PodsOf(set).Count(IsReady)));
            spare -= cut;
            await ScaleAsync(set, has - cut, cancellationToken);
        }
    }

    private async Task ScaleAsync(JsonObject set, long replicas, CancellationToken cancellationToken)
    {
        if ((set.Number("spec", "replicas") ?? 0) == replicas)
            return;
        await api.MergeAsync(
            PathOf("/apis/apps/v1", set, "replicasets"),
            new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } },
            cancellationToken
        );
        set.Make("spec")["replicas"] = replicas;
    }

    private async Task SyncReplicaSetAsync(JsonObject set, CancellationToken cancellationToken)
    {
        var wanted = (int)(set.Number("spec", "replicas") ?? 1);
        var mine = PodsOf(set).Where(NotDeleting).ToList();
        for (var i = mine.Count; i < wanted; i++)
            mine.Add(await AddPodAsync(set, "ReplicaSet", null, null, cancellationToken));
        foreach (var pod in mine.OrderBy(IsReady).Take(Math.Max(0, mine.Count - wanted)).ToArray())
        {
            await RemoveAsync(pod, null, cancellationToken);
            mine.Remove(pod);
        }

        var ready = mine.Count(IsReady);
        await ReportAsync(
            PathOf("/apis/apps/v1", set, "replicasets"),
            set,
            new JsonObject
            {
                ["observedGeneration"] = set.Number("metadata", "generation") ?? 1,
                ["replicas"] = mine.Count,
                ["fullyLabeledReplicas"] = mine.Count,
                ["readyReplicas"] = ready,
                ["availableReplicas"] = ready,
            },
            cancellationToken
        );
    }

    private async Task SyncStatefulSetAsync(JsonObject set, CancellationToken cancellationToken)
    {
        var wanted = (int)(set.Number("spec", "replicas") ?? 1);
        var revision = $"{set.Name()}-{TemplateHash(set)}";
        var parallel = set.Text("spec", "podManagementPolicy") == "Parallel";
        var mine = PodsOf(set).ToDictionary(p => p.Name());
        for (var i = 0; i < wanted; i++)
        {
            var name = $"{set.Name()}-{i}";
            if (!mine.TryGetValue(name, out var pod))
                mine[name] = pod = await AddPodAsync(set, "StatefulSet", name, revision, cancellationToken);
            if (!parallel && !IsReady(pod))
                break;
        }

        foreach (var extra in mine.Values.Where(p => NotDeleting(p) && Ordinal(p) >= wanted).ToArray())
            await RemoveAsync(extra, null, cancellationToken);
        var stale = mine
            .Values.Where(p => p.Text("metadata", "labels", RevisionLabel) != revision)
            .OrderByDescending(Ordinal)
            .FirstOrDefault();
        if (stale is not null && NotDeleting(stale) && mine.Values.All(p => IsReady(p) || p == stale))
            await RemoveAsync(stale, null, cancellationToken);
        var live = mine.Values.Where(NotDeleting).ToArray();
        var updated = live.Count(p => p.Text("metadata", "labels", RevisionLabel) == revision);
        var complete = updated == wanted && live.Count(IsReady) == wanted;
        await ReportAsync(
            PathOf("/apis/apps/v1", set, "statefulsets"),
            set,
            new JsonObject
            {
                ["observedGeneration"] = set.Number("metadata", "generation") ?? 1,
                ["replicas"] = live.Length,
                ["readyReplicas"] = live.Count(IsReady),
                ["availableReplicas"] = live.Count(IsReady),
                ["updatedReplicas"] = updated,
                ["currentReplicas"] = complete ? wanted : live.Length - updated,
                ["updateRevision"] = revision,
                ["currentRevision"] = complete ? revision : set.Text("status", "currentRevision") ?? revision,
            },
            cancellationToken
        );
    }

    private async Task SyncDaemonSetAsync(JsonObject set, CancellationToken cancellationToken)
    {
        var revision = TemplateHash(set);
        var spec = set.Make("spec", "template", "spec");
        var eligible = nodes.Items.Values.Where(n => Tolerations.Fits(spec, n, daemon: true)).Select(n => n.Name()).ToHashSet();
        var mine = PodsOf(set).ToList();
        string NodeOf(JsonObject p) => p.Text("spec", "nodeName") is { Length: > 0 } n ? n : Tolerations.NamedNode(p.Make("spec")) ?? "";
        foreach (var node in eligible.Where(n => mine.TrueForAll(p => NodeOf(p) != n)))
            mine.Add(await AddPodAsync(set, "DaemonSet", null, revision, cancellationToken, node));
        foreach (var extra in mine.Where(p => NotDeleting(p) && !eligible.Contains(NodeOf(p))).ToArray())
            await RemoveAsync(extra, null, cancellationToken);
        var unavailable = eligible.Count - mine.Count(IsReady);
        var allowed = (int)Math.Max(1, set.Number("spec", "updateStrategy", "rollingUpdate", "maxUnavailable") ?? 1);
        var onDelete = set.Text("spec", "updateStrategy", "type") == "OnDelete";
        foreach (
            var stale in mine.Where(p => !onDelete && NotDeleting(p) && p.Text("metadata", "labels", RevisionLabel) != revision).ToArray()
        )
        {
            if (IsReady(stale) && unavailable >= allowed)
                continue;
            if (IsReady(stale))
                unavailable++;
            await RemoveAsync(stale, null, cancellationToken);
        }

        var live = mine.Where(NotDeleting).ToArray();
        var ready = live.Count(IsReady);
        await ReportAsync(
            PathOf("/apis/apps/v1", set, "daemonsets"),
            set,
            new JsonObject
            {
                ["observedGeneration"] = set.Number("metadata", "generation") ?? 1,
                ["desiredNumberScheduled"] = eligible.Count,
                ["currentNumberScheduled"] = live.Length,
                ["numberMisscheduled"] = 0,
                ["numberReady"] = ready,
                ["numberAvailable"] = ready,
                ["numberUnavailable"] = Math.Max(0, eligible.Count - ready),
                ["updatedNumberScheduled"] = live.Count(p => p.Text("metadata", "labels", RevisionLabel) == revision),
            },
            cancellationToken
        );
    }

    /// <summary>What the garbage collector does for the kinds that are played: no owner, no object.</summary>
    private async Task CollectOrphansAsync(CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, Reflector>
        {
            ["Deployment"] = deployments,
            ["ReplicaSet"] = replicaSets,
            ["StatefulSet"] = statefulSets,
            ["DaemonSet"] = daemonSets,
        };
        bool Orphan(JsonObject item) =>
            item.Items("metadata", "ownerReferences").ToArray() is { Length: > 0 } references
            && references.All(r =>
                owners.TryGetValue(r.Text("kind") ?? "", out var reflector) && reflector.Items.Values.All(o => o.Uid() != r.Text("uid"))
            );
        foreach (var set in replicaSets.Items.Values.Where(Orphan).ToArray())
        {
            await api.DeleteAsync(PathOf("/apis/apps/v1", set, "replicasets"), null, cancellationToken, set.Uid());
            replicaSets.Items.TryRemove(Reflector.Key(set), out _);
        }

        foreach (var pod in pods.Items.Values.Where(p => NotDeleting(p) && Orphan(p)).ToArray())
            await RemoveAsync(pod, null, cancellationToken);
    }

    private async Task<JsonObject> AddPodAsync(
        JsonObject owner,
        string kind,
        string? name,
        string? revision,
        CancellationToken cancellationToken,
        string? node = null
    )
    {
        var pod = (owner.At("spec", "template") as JsonObject ?? []).Copy();
        var metadata = pod.Make("metadata");
        if (name is null)
            metadata["generateName"] = owner.Name() + "-";
        else
            metadata["name"] = name;
        if (revision is not null)
            metadata.Make("labels")[RevisionLabel] = revision;
        if (kind == "StatefulSet")
            metadata.Make("labels")["statefulset.kubernetes.io/pod-name"] = name;
        metadata["ownerReferences"] = new JsonArray(Reference(owner, kind));
        if (node is not null)
        {
            pod.Make("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")["nodeSelectorTerms"] =
                new JsonArray(
                    new JsonObject
                    {
                        ["matchFields"] = new JsonArray(
                            new JsonObject
                            {
                                ["key"] = "metadata.name",
                                ["operator"] = "In",
                                ["values"] = new JsonArray(node),
                            }
                        ),
                    }
                );
        }

        var made = await api.CreateAsync($"/api/v1/namespaces/{owner.Namespace()}/pods", pod, cancellationToken);
        pods.Items.TryAdd(Reflector.Key(made), made);
        return made;
    }

    private async Task RemoveAsync(JsonObject pod, int? grace, CancellationToken cancellationToken)
    {
        await api.DeleteAsync(PathOf("/api/v1", pod, "pods"), grace, cancellationToken, pod.Uid());
        pod.Make("metadata")["deletionTimestamp"] ??= Json.Time(DateTimeOffset.UtcNow);
    }

    private static JsonObject NewReplicaSet(JsonObject deployment, string hash, long replicas)
    {
        var template = (deployment.At("spec", "template") as JsonObject ?? []).Copy();
        template.Make("metadata", "labels")[HashLabel] = hash;
        var selector = (deployment.At("spec", "selector") as JsonObject ?? []).Copy();
        selector.Make("matchLabels")[HashLabel] = hash;
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name()}-{hash}",
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["ownerReferences"] = new JsonArray(Reference(deployment, "Deployment")),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["selector"] = selector,
                ["template"] = template,
            },
        };
    }

    private static JsonObject Reference(JsonObject owner, string kind) =>
        new()
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind,
            ["name"] = owner.Name(),
            ["uid"] = owner.Uid(),
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        };

    private async Task ReportAsync(string path, JsonObject item, JsonObject status, CancellationToken cancellationToken)
    {
        var merged = (item.At("status") as JsonObject)?.Copy() ?? [];
        foreach (var (name, value) in status)
            merged[name] = value?.DeepClone();
        // Numbers just made and numbers parsed compare by their text.
        if (JsonNode.DeepEquals(JsonNode.Parse(merged.ToJsonString()), item.At("status")))
            return;
        await api.MergeAsync($"{path}/status", new JsonObject { ["status"] = status.Copy() }, cancellationToken);
        item["status"] = JsonNode.Parse(merged.ToJsonString());
    }

    private static string TemplateHash(JsonObject owner) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner.At("spec", "template")?.ToJsonString() ?? "")))[..10];

    private static int Ordinal(JsonObject pod) => int.TryParse(pod.Name().Split('-')[^1], out var number) ? number : -1;

    private static bool NotDeleting(JsonObject pod) => pod.At("metadata", "deletionTimestamp") is null;

    private static bool IsReady(JsonObject pod) => NotDeleting(pod) && Conditions.Status(pod, "Ready") == "True";

    private static bool IsOwner(JsonObject item, JsonObject owner) =>
        item.Items("metadata", "ownerReferences").Any(o => o.Text("uid") == owner.Uid());

    private static string PathOf(string root, JsonObject item, string plural) =>
        $"{root}/namespaces/{item.Namespace()}/{plural}/{item.Name()}";
}
