using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Mapping;
using EtcdDr.Engine.Objects.Restore;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Engine.Operations;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Played;

namespace EtcdDr.Tests.ClusterObjects;

/// <summary>Objects into the played apiserver.</summary>
public sealed class RestoreObjectsTests : IAsyncLifetime
{
    private readonly string _records = Directory.CreateTempSubdirectory("etcddr-records-").FullName;
    private readonly RecordingSink _sink = new();
    private MemoryApiServer _server = null!;

    public async Task InitializeAsync() => _server = await MemoryApiServer.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_records, recursive: true);
    }

    [Fact]
    public async Task A_namespace_comes_whole_a_second_run_changes_nothing_and_undo_takes_it_away()
    {
        var items = Manifest.All(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: whole, labels: {team: a}}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: whole}, data: {"uid: ": x, status: y}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: whole}, type: Opaque, data: {token: eA==, ca.crt: eQ==}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: web, namespace: whole}, spec: {clusterIP: 10.96.200.1,
              clusterIPs: [10.96.200.1],
              ports: [{port: 80, nodePort: 30080}], selector: {app: web}}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: db, namespace: whole}, spec: {clusterIP: None, ports: [{port: 5432}]}}
            ---
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: whole, uid: old, resourceVersion: "7"},
              spec: {replicas: 2,
              selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c,
                image: nginx}]}}}}
            ---
            {apiVersion: batch/v1, kind: Job, metadata: {name: done, namespace: whole}, spec: {template: {spec: {}}},
              status: {conditions: [{type: Complete, status: "True"}]}}
            """
        );

        var first = await RestoreAsync(items);
        var second = await RestoreAsync(items);

        Assert.Equal(["Job done"], Named(first, ClusterObjectAction.LeftOut));
        Assert.Equal(6, first.Count(r => r.Action == ClusterObjectAction.Create));
        Assert.Equal("Namespace", first.First(r => r.Action == ClusterObjectAction.Create).Kind);
        Assert.All(second.Where(r => r.Kind != "Job"), r => Assert.Equal(ClusterObjectAction.Unchanged, r.Action));
        Assert.Equal("x", await TextAsync("/api/v1/namespaces/whole/configmaps/c", "data", "uid: "));
        Assert.Equal("eA==", await TextAsync("/api/v1/namespaces/whole/secrets/s", "data", "token"));
        Assert.NotEqual("10.96.200.1", await TextAsync("/api/v1/namespaces/whole/services/web", "spec", "clusterIP"));
        Assert.Equal("None", await TextAsync("/api/v1/namespaces/whole/services/db", "spec", "clusterIP"));
        Assert.NotEqual("old", await TextAsync("/apis/apps/v1/namespaces/whole/deployments/web", "metadata", "uid"));
        Assert.Empty(_sink.Errors);

        // The newest record is the second run's, which wrote nothing.
        var undone = await UndoAsync(Directory.GetFiles(_records).Order(StringComparer.Ordinal).MaxBy(f => new FileInfo(f).Length)!);
        Assert.Equal(6, undone.Count(r => r.Action == ClusterObjectAction.Delete));
        Assert.Equal("Namespace", undone[^1].Kind);
        await using var api = await ConnectAsync();
        Assert.Null(await api.FindAsync("/api/v1/namespaces/whole/configmaps/c", CancellationToken.None));
    }

    [Fact]
    public async Task What_somebody_else_owns_is_a_conflict_until_it_is_taken_and_undo_gives_it_back()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"taken"}}""");
        await CreateAsync("/api/v1/namespaces/taken/configmaps", """{"metadata":{"name":"c"},"data":{"a":"theirs","b":"theirs too"}}""");
        var ours = Manifest.All("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: taken}, data: {a: ours}}");

        var conflict = Assert.Single(await RestoreAsync(ours));
        var plan = Assert.Single(await PlanAsync(ours, new ObjectRestoreOptions { Force = true }));
        var forced = Assert.Single(await RestoreAsync(ours, new ObjectRestoreOptions { Force = true }));

        Assert.Equal(ClusterObjectAction.Conflict, conflict.Action);
        Assert.Equal("ObjectConflict", conflict.ErrorId);
        Assert.Equal(["data.a"], conflict.Paths);
        Assert.Equal("ObjectConflict", Assert.Single(_sink.Errors).ErrorId);
        Assert.Equal((ClusterObjectAction.Update, true), (plan.Action, plan.Planned));
        Assert.Equal(["data.a"], plan.Paths);
        Assert.Equal((ClusterObjectAction.Update, false), (forced.Action, forced.Planned));
        Assert.Equal("ours", await TextAsync("/api/v1/namespaces/taken/configmaps/c", "data", "a"));

        var undone = Assert.Single(await UndoAsync(Newest));
        Assert.Equal(ClusterObjectAction.Update, undone.Action);
        Assert.Equal("theirs", await TextAsync("/api/v1/namespaces/taken/configmaps/c", "data", "a"));
        Assert.Equal("theirs too", await TextAsync("/api/v1/namespaces/taken/configmaps/c", "data", "b"));
    }

    [Fact]
    public async Task What_was_changed_since_is_left_by_undo_and_told()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"since"}}""");
        await RestoreAsync(
            Manifest.All(
                """
                {apiVersion: v1, kind: ConfigMap, metadata: {name: mine, namespace: since}, data: {a: "1"}}
                ---
                {apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, namespace: since}, data: {a: "1"}}
                ---
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: since}, spec: {storageClassName: fast}}
                """
            )
        );
        await using var api = await ConnectAsync();
        var patch = new JsonObject { ["data"] = new JsonObject { ["b"] = "2" } };
        await api.PatchAsync("/api/v1/namespaces/since/configmaps/theirs", patch, KubePatch.Merge, CancellationToken.None);

        var undone = await UndoAsync(Newest);

        Assert.Equal(["ConfigMap mine"], Named(undone, ClusterObjectAction.Delete));
        Assert.Equal(["ConfigMap theirs", "PersistentVolumeClaim data"], Named(undone, ClusterObjectAction.Conflict));
        Assert.Contains("changed it since", undone.Single(r => r.Name == "theirs").Message, StringComparison.Ordinal);
        Assert.Contains("may hold data", undone.Single(r => r.Name == "data").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_undo_that_is_only_planned_deletes_nothing()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"planned-undo"}}""");
        await RestoreAsync(Manifest.All("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: planned-undo}}"));

        var planned = Assert.Single(await UndoAsync(Newest, dryRun: true));

        Assert.Equal((ClusterObjectAction.Delete, true), (planned.Action, planned.Planned));
        Assert.Equal("c", await TextAsync("/api/v1/namespaces/planned-undo/configmaps/c", "metadata", "name"));
    }

    [Fact]
    public async Task A_namespace_that_others_have_filled_is_not_deleted_by_undo()
    {
        await RestoreAsync(Manifest.All("{apiVersion: v1, kind: Namespace, metadata: {name: filled}}"));
        await CreateAsync("/api/v1/namespaces/filled/configmaps", """{"metadata":{"name":"theirs"}}""");

        var undone = Assert.Single(await UndoAsync(Newest));

        Assert.Equal(ClusterObjectAction.Conflict, undone.Action);
        Assert.Contains("ConfigMap filled/theirs is in it", undone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_cannot_be_changed_is_refused_and_replaced_where_that_is_asked_for()
    {
        const string deployment =
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: fixed}, "
            + "spec: {selector: {matchLabels: {app: new}}, template: {metadata: {labels: {app: new}}}}}";
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"fixed"}}""");
        await CreateAsync(
            "/apis/apps/v1/namespaces/fixed/deployments",
            """
            {"metadata":{"name":"w"},"spec":{"selector":{"matchLabels":{"app":"old"}},
              "template":{"metadata":{"labels":{"app":"old"}}}}}
            """
        );
        await CreateAsync(
            "/api/v1/namespaces/fixed/persistentvolumeclaims",
            """{"metadata":{"name":"d"},"spec":{"storageClassName":"a"}}"""
        );
        var claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: fixed}, spec: {storageClassName: b}}";
        var replace = new ObjectRestoreOptions { Force = true, Replace = true };

        var refused = Assert.Single(await RestoreAsync(Manifest.All(deployment), new ObjectRestoreOptions { Force = true }));
        var planned = Assert.Single(await PlanAsync(Manifest.All(deployment), replace));
        var replaced = Assert.Single(await RestoreAsync(Manifest.All(deployment), replace));
        var never = Assert.Single(await RestoreAsync(Manifest.All(claim), replace));

        Assert.Equal(ClusterObjectAction.Refused, refused.Action);
        Assert.Contains("immutable", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ClusterObjectAction.Replace, planned.Action);
        Assert.Equal(ClusterObjectAction.Replace, replaced.Action);
        Assert.Contains("spec.selector.matchLabels.app", replaced.Paths);
        Assert.Equal((ClusterObjectAction.Refused, "ObjectNeverReplaced"), (never.Action, never.ErrorId));
        var back = Assert.Single(
            await UndoAsync(Directory.GetFiles(_records).Single(f => File.ReadAllText(f).Contains("\"after\"", StringComparison.Ordinal)))
        );
        Assert.Equal(ClusterObjectAction.Replace, back.Action);
        Assert.Equal("old", await TextAsync("/apis/apps/v1/namespaces/fixed/deployments/w", "spec", "selector", "matchLabels", "app"));
        Assert.Equal("a", await TextAsync("/api/v1/namespaces/fixed/persistentvolumeclaims/d", "spec", "storageClassName"));
    }

    [Fact]
    public async Task Custom_resources_come_after_their_definition_and_what_is_owned_has_its_owners_new_uid()
    {
        var items = Manifest.All(
            """
            {apiVersion: things.example.com/v1, kind: Thing, metadata: {name: child, namespace: custom, uid: c, ownerReferences: [
              {apiVersion: things.example.com/v1, kind: Thing, name: parent, uid: p}]}, spec: {a: 1}}
            ---
            {apiVersion: things.example.com/v1, kind: Thing, metadata: {name: parent, namespace: custom, uid: p}, spec: {a: 1}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: orphan, namespace: custom, ownerReferences: [
              {apiVersion: v1, kind: ConfigMap, name: gone, uid: g}]}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: custom}}
            ---
            {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.things.example.com}, spec: {
              group: things.example.com, scope: Namespaced, names: {plural: things, singular: thing, kind: Thing, listKind: ThingList},
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]},
                status: {storedVersions: [v1alpha1]}}
            """
        );

        var plan = await PlanAsync(items);
        var done = await RestoreAsync(items);

        Assert.All(plan, r => Assert.Equal((ClusterObjectAction.Create, true), (r.Action, r.Planned)));
        Assert.All(done, r => Assert.Equal(ClusterObjectAction.Create, r.Action));
        Assert.Equal(["CustomResourceDefinition", "Namespace", "ConfigMap", "Thing", "Thing"], done.Select(r => r.Kind));
        await using var api = await ConnectAsync();
        var parent = await api.GetAsync("/apis/things.example.com/v1/namespaces/custom/things/parent", CancellationToken.None);
        var child = await api.GetAsync("/apis/things.example.com/v1/namespaces/custom/things/child", CancellationToken.None);
        var orphan = await api.GetAsync("/api/v1/namespaces/custom/configmaps/orphan", CancellationToken.None);
        Assert.Equal(parent.TextAt("metadata", "uid"), child["metadata"]!["ownerReferences"]![0]!.TextAt("uid"));
        Assert.NotEqual("p", parent.TextAt("metadata", "uid"));
        Assert.Null(orphan["metadata"]!["ownerReferences"]);
        Assert.Contains("belongs to nobody", done.Single(r => r.Name == "orphan").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_refused_is_named_and_the_others_are_done()
    {
        var items = Manifest.All(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: middle}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: middle}}
            ---
            {apiVersion: nobody.example.com/v1, kind: Unknown, metadata: {name: u, namespace: middle}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: owned, namespace: middle, ownerReferences: [
              {apiVersion: nobody.example.com/v1, kind: Unknown, name: u, uid: x}]}}
            ---
            {apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: old, namespace: middle}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: middle}, spec: {}}
            """
        );

        var done = await RestoreAsync(items);

        Assert.Equal(["ConfigMap a", "Ingress i", "Namespace middle"], Named(done, ClusterObjectAction.Create));
        Assert.Equal(["ConfigMap owned", "Deployment old", "Unknown u"], Named(done, ClusterObjectAction.Refused));
        Assert.Equal(
            ["ObjectKindNotServed", "ObjectKindNotServed", "ObjectOwnerRefused"],
            _sink.Errors.Select(e => e.ErrorId).Order(StringComparer.Ordinal)
        );
        Assert.Contains("in the version apps/v1beta1, but in v1", done.Single(r => r.Name == "old").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_is_not_up_yet_is_waited_for()
    {
        var refusals = 2;
        _server.Instead = async context =>
        {
            if (
                !context.Request.Path.Value!.EndsWith("/configmaps/guarded", StringComparison.Ordinal)
                || context.Request.Method != "PATCH"
                || refusals-- <= 0
            )
                return false;
            const string said = """
                {"kind":"Status","reason":"InternalError",
                  "message":"Internal error occurred: failed calling webhook \"hook\": no endpoints available","code":500}
                """;
            await Kube.TestKubeServer.WriteJsonAsync(context, said, 500);
            return true;
        };
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"hooked"}}""");

        var done = Assert.Single(
            await RestoreAsync(Manifest.All("{apiVersion: v1, kind: ConfigMap, metadata: {name: guarded, namespace: hooked}}"))
        );

        Assert.Equal(ClusterObjectAction.Create, done.Action);
        Assert.Empty(_sink.Errors);
    }

    [Fact]
    public async Task A_second_run_reads_lists_and_asks_for_no_object()
    {
        var items = Manifest.All(
            string.Join(
                "\n---\n",
                Enumerable
                    .Range(0, 20)
                    .Select(i => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{i}, namespace: default}}, data: {{a: b}}}}")
            )
        );
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"default"}}""");
        await RestoreAsync(items);
        var before = _server.Requests.Count;

        await RestoreAsync(items);

        Assert.Equal(
            ["GET /api/v1/namespaces/default/configmaps?limit=500"],
            _server.Requests.Skip(before).Where(r => r.Contains("configmaps", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_plan_writes_nothing()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"planned"}}""");
        await using var api = await ConnectAsync();

        var plan = await PlanAsync(
            Manifest.All("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: planned}, data: {a: b}}")
        );

        Assert.Equal(ClusterObjectAction.Create, Assert.Single(plan).Action);
        Assert.Null(await api.FindAsync("/api/v1/namespaces/planned/configmaps/c", CancellationToken.None));
        Assert.Empty(Directory.GetFiles(_records));
    }

    [Fact]
    public async Task A_plan_tells_of_images_and_classes_that_are_not_there()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"lacks"}}""");
        await CreateAsync("/apis/storage.k8s.io/v1/storageclasses", """{"metadata":{"name":"there"},"provisioner":"p"}""");
        await CreateAsync(
            "/api/v1/nodes",
            """
            {"metadata":{"name":"w1"},"status":{"images":[{"names":["docker.io/library/nginx:latest",
              "docker.io/library/nginx@sha256:1"]}]}}
            """
        );

        var plan = await PlanAsync(
            Manifest.All(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: lacks}, spec: {storageClassName: there}}
                ---
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: b, namespace: lacks}, spec: {storageClassName: fast}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: lacks}, spec: {priorityClassName: high, containers: [
                  {name: a, image: nginx}, {name: b, image: "registry.example.com/b:1"}]}}
                ---
                {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}}
                """
            )
        );

        Assert.Equal(
            ["high: ", "a: ", "b: The cluster has no StorageClass 'fast'.", "p: No node has the image registry.example.com/b:1 yet."],
            plan.OrderBy(r => r.Kind == "Pod")
                .ThenBy(r => r.Kind != "PriorityClass")
                .ThenBy(r => r.Name, StringComparer.Ordinal)
                .Select(r => $"{r.Name}: {r.Message}")
        );
    }

    [Fact]
    public async Task Who_waits_is_told_which_workload_does_not_run_and_why()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"waits"}}""");
        var deployment =
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME, namespace: waits}, spec: {replicas: 1, "
            + "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}}";
        var results = await RestoreAsync(
            Manifest.All(
                deployment.Replace("NAME", "runs", StringComparison.Ordinal)
                    + "\n---\n"
                    + deployment.Replace("NAME", "lingers", StringComparison.Ordinal)
            )
        );
        await using var api = await ConnectAsync();
        var status = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["observedGeneration"] = 1,
                ["replicas"] = 1,
                ["updatedReplicas"] = 1,
                ["availableReplicas"] = 1,
            },
        };
        await api.PatchAsync("/apis/apps/v1/namespaces/waits/deployments/runs/status", status, KubePatch.Merge, CancellationToken.None);
        await CreateAsync(
            "/api/v1/namespaces/waits/events",
            """
            {"metadata":{"name":"e"},"type":"Warning","reason":"Failed","message":"no such image",
              "lastTimestamp":"2026-11-30T00:00:00Z","involvedObject":{"kind":"Pod","namespace":"waits","name":"lingers-1"}}
            """
        );

        await new WorkloadWait(new OperationContext(_sink)).RunAsync(Cluster, results, TimeSpan.FromSeconds(2), CancellationToken.None);

        var error = Assert.Single(_sink.Errors);
        Assert.Equal("ObjectNotReady", error.ErrorId);
        Assert.Contains("waits/lingers", error.Message, StringComparison.Ordinal);
        Assert.Contains("Failed: no such image", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_is_read_by_kind_namespace_name_and_label_without_what_controllers_make()
    {
        await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"read"}}""");
        await CreateAsync("/api/v1/namespaces/read/configmaps", """{"metadata":{"name":"kube-root-ca.crt"}}""");
        await CreateAsync("/api/v1/namespaces/read/configmaps", """{"metadata":{"name":"a","labels":{"app":"x"}}}""");
        await CreateAsync(
            "/apis/apps/v1/namespaces/read/replicasets",
            """
            {"metadata":{"name":"web-1","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web",
              "uid":"u","controller":true}]}}
            """
        );

        Assert.Equal(["ConfigMap a", "Namespace read"], await ReadAsync(new ObjectQuery { Namespaces = ["read"] }));
        Assert.Equal(
            ["ConfigMap a"],
            await ReadAsync(
                new ObjectQuery
                {
                    Namespaces = ["re*"],
                    Kinds = ["cm"],
                    Names = ["a*"],
                }
            )
        );
        Assert.Equal(["ConfigMap a"], await ReadAsync(new ObjectQuery { Namespaces = ["read"], LabelSelector = "app=x" }));
        Assert.Contains("ReplicaSet web-1", await ReadAsync(new ObjectQuery { Namespaces = ["read"], IncludeOwned = true }));
        var unknown = await Assert.ThrowsAsync<EtcdDrException>(() => ReadAsync(new ObjectQuery { Kinds = ["Nonsense"] }));
        Assert.Equal("ObjectKindUnknown", unknown.ErrorId);
    }

    [Fact]
    public async Task The_record_is_its_owners_alone()
    {
        await RestoreAsync(Manifest.All("{apiVersion: v1, kind: Namespace, metadata: {name: alone}}"));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Newest));
        }
    }

    [Fact]
    public async Task Names_of_the_other_cluster_are_put_in_on_the_way()
    {
        var options = new ObjectRestoreOptions
        {
            Mapping = new ObjectMapping { Namespaces = new Dictionary<string, string> { ["here"] = "there" } },
        };

        await RestoreAsync(
            Manifest.All(
                """
                {apiVersion: v1, kind: Namespace, metadata: {name: here, labels: {kubernetes.io/metadata.name: here}}}
                ---
                {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: here}}
                """
            ),
            options
        );

        Assert.Equal("there", await TextAsync("/api/v1/namespaces/there/configmaps/c", "metadata", "namespace"));
    }

    private string Newest => Directory.GetFiles(_records).MaxBy(File.GetLastWriteTimeUtc)!;

    private EtcdCluster Cluster => _server.Cluster;

    private static IEnumerable<string> Named(IEnumerable<ClusterObjectResult> results, ClusterObjectAction action) =>
        results.Where(r => r.Action == action).Select(r => $"{r.Kind} {r.Name}").Order(StringComparer.Ordinal);

    private Task<KubeApi> ConnectAsync() => KubeApi.ConnectAsync(Cluster, CancellationToken.None);

    private async Task CreateAsync(string path, string json)
    {
        await using var api = await ConnectAsync();
        await api.CreateAsync(path, JsonNode.Parse(json)!, CancellationToken.None);
    }

    private async Task<string?> TextAsync(string path, params string[] field)
    {
        await using var api = await ConnectAsync();
        return (await api.GetAsync(path, CancellationToken.None)).TextAt(field);
    }

    private async Task<List<string>> ReadAsync(ObjectQuery query)
    {
        await using var api = await ConnectAsync();
        var found = new List<string>();
        await foreach (var item in new ClusterSource(api, "played", _sink).ReadAsync(query, CancellationToken.None))
        {
            found.Add($"{item.Kind} {item.Name}");
        }

        return found;
    }

    private async Task<List<ClusterObjectResult>> PlanAsync(IReadOnlyList<KubeObject> items, ObjectRestoreOptions? options = null)
    {
        var results = new ConcurrentQueue<ClusterObjectResult>();
        await new RestoreObjectsOperation(new OperationContext(_sink)).PlanAsync(
            Cluster,
            items,
            options ?? new ObjectRestoreOptions(),
            results.Enqueue,
            CancellationToken.None
        );
        return [.. results];
    }

    private async Task<List<ClusterObjectResult>> RestoreAsync(IReadOnlyList<KubeObject> items, ObjectRestoreOptions? options = null)
    {
        var results = new ConcurrentQueue<ClusterObjectResult>();
        await new RestoreObjectsOperation(new OperationContext(_sink)).RunAsync(
            Cluster,
            items,
            (options ?? new ObjectRestoreOptions()) with
            {
                RecordDirectory = _records,
            },
            results.Enqueue,
            CancellationToken.None
        );
        return [.. results];
    }

    private async Task<List<ClusterObjectResult>> UndoAsync(string record, bool dryRun = false)
    {
        var results = new ConcurrentQueue<ClusterObjectResult>();
        await new UndoObjectsOperation(new OperationContext(_sink)).RunAsync(
            Cluster,
            record,
            force: false,
            dryRun,
            results.Enqueue,
            CancellationToken.None
        );
        return [.. results];
    }
}
