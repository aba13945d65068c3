using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Lab;
using EtcdDr.Tests.ClusterObjects;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Labs;

/// <summary>A namespace with what namespaces hold: deleted and brought back, brought into the other cluster, and taken away
/// again.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class ClusterObjectLabTests(LabFixture fixture) : IAsyncLifetime
{
    private const string Definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com";
    private const string Webhook = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/shop-guard";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly string _work = Directory.CreateTempSubdirectory("etcddr-objects-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var cluster in (LabCluster[])[fixture.Lab.Primary, fixture.Lab.Secondary])
        {
            await DeleteAsync(cluster, "shop");
            await DeleteAsync(cluster, "middle");
        }

        Directory.Delete(_work, recursive: true);
    }

    [LabFact]
    public async Task A_deleted_namespace_comes_back_by_one_line_goes_into_another_cluster_and_is_taken_back()
    {
        await FillAsync(fixture.Lab.Primary);
        using var primary = fixture.Lab.Primary.ConnectApi();
        var formerAddresses = await TextAsync(primary, "/api/v1/namespaces/shop/services/dual", "spec", "clusterIPs");
        var taken = await RunAsync(
            $$"""
            $cluster = @{ Cluster = Get-EtcdCluster primary }
            $objects = @(Get-ClusterObject @cluster -Namespace shop) +
                @(Get-ClusterObject crd things.example.com @cluster) +
                @(Get-ClusterObject ValidatingWebhookConfiguration shop-guard @cluster)
            "files: $(@($objects | Export-ClusterObject '{{_work}}/taken').Count)"
            "kinds: $(($objects.Kind | Sort-Object -Unique) -join ' ')"
            """
        );
        Assert.DoesNotContain("ReplicaSet", taken[1], StringComparison.Ordinal);

        await DeleteAsync(fixture.Lab.Primary, "shop");
        var back = await RunAsync(
            $$"""
            $run = @{ RecordPath = '{{_work}}/records'; RetryTimeoutSeconds = 60 }
            $done = Get-ClusterObject -Path '{{_work}}/taken' | Restore-ClusterObject primary @run -Wait
            "left out: $(($done | Where-Object Action -eq LeftOut) -join '; ')"
            "failed: $(($done | Where-Object Action -notin LeftOut, Create | ForEach-Object { "$_ $($_.Message)" }) -join '; ')"
            "last: $($done[-1])"
            $again = Get-ClusterObject -Path '{{_work}}/taken' | Restore-ClusterObject primary @run
            "again: $(($again | Where-Object Action -notin LeftOut, Unchanged | ForEach-Object { "$_ $($_.Paths)" }) -join '; ')"
            """
        );

        Assert.Equal(
            ["left out: LeftOut Job shop/finished", "failed: ", "last: Create ValidatingWebhookConfiguration shop-guard", "again: "],
            back
        );
        Assert.Equal("x", await TextAsync(primary, "/api/v1/namespaces/shop/configmaps/settings", "data", "uid: "));
        Assert.Equal("dG9rZW4=", await TextAsync(primary, "/api/v1/namespaces/shop/secrets/keys", "data", "token"));
        Assert.Equal("Y2E=", await TextAsync(primary, "/api/v1/namespaces/shop/secrets/keys", "data", "ca.crt"));
        Assert.Equal("None", await TextAsync(primary, "/api/v1/namespaces/shop/services/db", "spec", "clusterIP"));
        Assert.Equal("[\"IPv4\",\"IPv6\"]", await TextAsync(primary, "/api/v1/namespaces/shop/services/dual", "spec", "ipFamilies"));
        Assert.NotEqual(formerAddresses, await TextAsync(primary, "/api/v1/namespaces/shop/services/dual", "spec", "clusterIPs"));
        Assert.Equal(
            await TextAsync(primary, "/apis/example.com/v1/namespaces/shop/things/parent", "metadata", "uid"),
            (await primary.GetAsync("/apis/example.com/v1/namespaces/shop/things/child"))!["metadata"]!["ownerReferences"]![0]![
                "uid"
            ]!.ToString()
        );

        await IntoTheOtherClusterAsync();
    }

    [LabFact]
    public async Task A_target_that_refuses_one_object_in_the_middle_ends_with_the_others_done_and_that_one_named()
    {
        await CreateAsync(
            fixture.Lab.Secondary,
            Manifest.All(
                """
                {apiVersion: v1, kind: Namespace, metadata: {name: middle}}
                ---
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: middle}, spec: {replicas: 0,
                  selector: {matchLabels: {app: other}}, template: {metadata: {labels: {app: other}},
                  spec: {containers: [{name: c, image: i}]}}}}
                """
            )
        );
        await File.WriteAllTextAsync(Path.Combine(_work, "all.yaml"), Objects);

        var output = await RunAsync(
            $$"""
            $into = @{
                Cluster = 'secondary'; MapNamespace = @{ shop = 'middle' }; RecordPath = '{{_work}}/records'; Force = $true
                ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures'
            }
            $done = Get-ClusterObject -Path '{{_work}}/all.yaml' -Namespace shop | Where-Object Kind -ne Thing | Restore-ClusterObject @into
            "refused: $(($done | Where-Object Action -eq Refused) -join '; ')"
            "others: $(($done | Where-Object Action -notin Create, Unchanged, LeftOut, Refused) -join '; ')"
            "after: $(@($done | Where-Object { $_.Action -eq 'Create' -and $_.Kind -in 'CronJob', 'Pod', 'StatefulSet' }).Count)"
            "errors: $(@($failures | Where-Object FullyQualifiedErrorId -like 'ObjectRefused*').TargetObject)"
            """
        );

        Assert.Equal(
            ["refused: Refused Deployment middle/web", "others: Update Namespace middle", "after: 3", "errors: Deployment.apps middle/web"],
            output
        );
    }

    // Other names of nodes, another storage class, another registry.
    private async Task IntoTheOtherClusterAsync()
    {
        var output = await RunAsync(
            $$"""
            $into = @{
                MapStorageClass = @{ fast = 'slow' }; MapImage = @{ 'registry.example.com/shop' = 'mirror.example.net/dr' }
                RecordPath = '{{_work}}/other'; RetryTimeoutSeconds = 60
            }
            $objects = Get-ClusterObject -Path '{{_work}}/taken' |
                ForEach-Object { if ($_.Kind -eq 'Pod') { $_.Body.spec.nodeName = 'node-of-the-other-site' }; $_ }
            $done = $objects | Restore-ClusterObject secondary @into -Wait
            "failed: $(($done | Where-Object Action -notin LeftOut, Create | ForEach-Object { "$_ $($_.Message)" }) -join '; ')"
            $objects = Get-ClusterObject -Cluster (Get-EtcdCluster secondary) -Namespace shop
            "class: $(($objects | Where-Object Kind -eq PersistentVolumeClaim).Body.spec.storageClassName)"
            "template: $(($objects | Where-Object Kind -eq StatefulSet).Body.spec.volumeClaimTemplates[0].spec.storageClassName)"
            "image: $(($objects | Where-Object Kind -eq Deployment).Body.spec.template.spec.containers[0].image)"
            "moved: $(($objects | Where-Object Kind -eq Pod).Body.spec.nodeName -ne 'node-of-the-other-site')"
            $undone = Undo-ClusterObject secondary '{{_work}}/other' -Force -Confirm:$false
            "undone: $(@($undone | Where-Object Action -eq Delete).Count - @($done | Where-Object Action -eq Create).Count)"
            """
        );

        Assert.Equal(
            ["failed: ", "class: slow", "template: slow", "image: mirror.example.net/dr/web:1", "moved: True", "undone: 0"],
            output
        );
        using var secondary = fixture.Lab.Secondary.ConnectApi();
        await secondary.WaitAsync("The end of the namespace", async a => await a.GetAsync("/api/v1/namespaces/shop") is null, Limit);
        Assert.Null(await secondary.GetAsync(Definition));
        Assert.Null(await secondary.GetAsync(Webhook));
    }

    private async Task FillAsync(LabCluster cluster)
    {
        var all = Manifest.All(Objects);
        using var api = cluster.ConnectApi();
        // What guards the namespace comes once it runs, as somebody would have done it.
        await CreateAsync(cluster, [.. all.Where(i => i.Kind != "ValidatingWebhookConfiguration")]);
        var ended = new JsonObject
        {
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Complete", ["status"] = "True" }) },
        };
        await api.PatchAsync("/apis/batch/v1/namespaces/shop/jobs/finished/status", ended);
        await api.WaitAsync(
            "Readiness of the workloads",
            async a =>
                await TextAsync(a, "/apis/apps/v1/namespaces/shop/deployments/web", "status", "availableReplicas") == "1"
                && await TextAsync(a, "/apis/apps/v1/namespaces/shop/statefulsets/db", "status", "readyReplicas") == "1"
                && await TextAsync(a, "/api/v1/namespaces/shop/pods/bare", "spec", "nodeName") is not null,
            Limit
        );
        await CreateAsync(cluster, [.. all.Where(i => i.Kind == "ValidatingWebhookConfiguration")]);
    }

    private static async Task CreateAsync(LabCluster cluster, IReadOnlyList<KubeObject> items)
    {
        using var api = cluster.ConnectApi();
        var parent = string.Empty;
        foreach (var item in items)
        {
            var space = item.Namespace is null ? string.Empty : $"/namespaces/{item.Namespace}";
            var root = item.Group.Length == 0 ? "/api/v1" : $"/apis/{item.ApiVersion}";
            var path = $"{root}{space}/{KindNames.Plural(item.Kind)}";
            if (item.Kind == "Thing")
            {
                await api.WaitAsync("The definition", async a => await a.GetAsync(path) is not null, Limit);
            }

            if (item.Name == "child")
            {
                item.Body["metadata"]!["ownerReferences"]![0]!["uid"] = parent;
            }

            await api.CreateAsync(path, item.Body);
            if (item.Name == "parent")
            {
                parent = await TextAsync(api, $"{path}/parent", "metadata", "uid");
            }
        }
    }

    private static async Task DeleteAsync(LabCluster cluster, string space)
    {
        using var api = cluster.ConnectApi();
        await api.DeleteAsync(Webhook);
        // The lab's controller empties namespaces of built-in kinds only.
        foreach (var thing in (string[])["child", "parent"])
        {
            await api.DeleteAsync($"/apis/example.com/v1/namespaces/{space}/things/{thing}");
        }

        await api.DeleteAsync(Definition);
        await api.DeleteAsync($"/api/v1/namespaces/{space}");
        await api.WaitAsync("The end of the namespace", async a => await a.GetAsync($"/api/v1/namespaces/{space}") is null, Limit);
    }

    private static async Task<string?> TextAsync(LabApi api, string path, params string[] field)
    {
        var value = (await api.GetAsync(path)).At(field);
        return value is JsonArray list ? list.ToJsonString() : value?.ToString();
    }

    private async Task<IReadOnlyList<string>> RunAsync(string script)
    {
        var (exit, output) = await ScriptProcess.RunAsync(
            $"Import-Module '{Repository.Module}/EtcdDr.psd1'; $ErrorActionPreference = 'Stop'; {script}",
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath)
        );
        Assert.True(exit == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private const string Objects = """
        {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}, spec: {
          group: example.com, scope: Namespaced, names: {plural: things, singular: thing, kind: Thing, listKind: ThingList},
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: clerk, namespace: shop}}
        ---
        {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: clerk, namespace: shop}, rules: [{apiGroups: [""],
          resources: [configmaps], verbs: [get]}]}
        ---
        {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: clerk, namespace: shop}, roleRef: {
          apiGroup: rbac.authorization.k8s.io, kind: Role, name: clerk}, subjects: [{kind: ServiceAccount, name: clerk, namespace: shop}]}
        ---
        {apiVersion: v1, kind: Secret, metadata: {name: keys, namespace: shop}, data: {token: dG9rZW4=, ca.crt: Y2E=}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {"uid: ": x, "status": "clusterIP: 1"}}
        ---
        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-0, namespace: shop}, spec: {storageClassName: fast,
          accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {clusterIP: None, selector: {app: db},
          ports: [{port: 5432}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: dual, namespace: shop}, spec: {clusterIP: 10.96.0.77,
          clusterIPs: [10.96.0.77, "fd00::77"], ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv6], selector: {app: web},
          ports: [{port: 443, nodePort: 30443}]}}
        ---
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 1,
          selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
          containers: [{name: c, image: "registry.example.com/shop/web:1"}]}}}}
        ---
        {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {replicas: 1, serviceName: db,
          selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: db}]}},
          volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast, accessModes: [ReadWriteOnce],
          resources: {requests: {storage: 1Gi}}}}]}}
        ---
        {apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly, namespace: shop}, spec: {schedule: "0 3 * * *", jobTemplate: {
          spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: job}]}}}}}}
        ---
        {apiVersion: batch/v1, kind: Job, metadata: {name: finished, namespace: shop}, spec: {template: {spec: {restartPolicy: Never,
          containers: [{name: c, image: job}]}}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: shop}, spec: {containers: [{name: c, image: bare}]}}
        ---
        {apiVersion: example.com/v1, kind: Thing, metadata: {name: parent, namespace: shop}, spec: {a: 1}}
        ---
        {apiVersion: example.com/v1, kind: Thing, metadata: {name: child, namespace: shop, ownerReferences: [{apiVersion: example.com/v1,
          kind: Thing, name: parent, uid: of-parent}]}, spec: {a: 2}}
        ---
        {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: shop-guard}, webhooks: [{
          name: guard.shop.example.com, failurePolicy: Fail, sideEffects: None, admissionReviewVersions: [v1],
          clientConfig: {service: {namespace: shop, name: dual, port: 443}},
          rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [configmaps]}],
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}
        """;
}
