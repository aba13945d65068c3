using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects.Cleaning;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ObjectCleanerTests
{
    private static readonly CleaningOptions Usual = new();

    /// <summary>What it is about, an object as a cluster has it, and as it goes into another one.</summary>
    public static TheoryData<string, string, string> Rules { get; } =
        new()
        {
            {
                "what the server sets goes, what users set stays",
                """
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop, uid: u,
                      resourceVersion: "7", generation: 3, selfLink: /x,
                      creationTimestamp: "2026-11-22T23:53:31Z", managedFields: [{manager: kubectl}], generateName: a-, labels: {app: a},
                      annotations: {note: mine, deployment.kubernetes.io/revision: "4"}}, status: {phase: x}, immutable: true}
                    """,
                """
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop, labels: {app: a},
                      annotations: {note: mine}}, immutable: true}
                    """
            },
            {
                "data is never looked at, whatever its keys are called",
                """
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {"uid: ": x, status: y, clusterIP: z, resourceVersion: "1",
                      creationTimestamp: c, nodeName: n, managedFields: m}}
                    """,
                """
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {"uid: ": x, status: y, clusterIP: z, resourceVersion: "1",
                      creationTimestamp: c, nodeName: n, managedFields: m}}
                    """
            },
            {
                "a secret with the keys of a token is no token",
                "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: s}, data: {token: eA==, ca.crt: eQ==, namespace: eg==}}",
                "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: s}, data: {token: eA==, ca.crt: eQ==, namespace: eg==}}"
            },
            {
                "a token's secret gets its token from the other cluster",
                """
                    {apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: mine, annotations: {
                      kubernetes.io/service-account.name: build, kubernetes.io/service-account.uid: u}},
                        data: {token: eA==, ca.crt: eQ==, more: eg==}}
                    """,
                """
                    {apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: mine, annotations: {
                      kubernetes.io/service-account.name: build}}, data: {more: eg==}}
                    """
            },
            {
                "an account keeps the secrets that a user gave it",
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: build}, secrets: [{name: build-token-x7x2p}, {name: "
                    + "build-token-mine}]}",
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: build}, secrets: [{name: build-token-mine}]}"
            },
            {
                "addresses and node ports of a service are allocated anew, its families stay",
                """
                    {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer,
                      clusterIP: 10.96.4.4, clusterIPs: [10.96.4.4, fd00::4],
                      ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, healthCheckNodePort: 31000, externalTrafficPolicy: Local,
                      ports: [{port: 80, nodePort: 30080}, {port: 443, targetPort: https}]}}
                    """,
                """
                    {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer, ipFamilies: [IPv4, IPv6],
                      ipFamilyPolicy: RequireDualStack, externalTrafficPolicy: Local, ports: [{port: 80}, {port: 443, targetPort: https}]}}
                    """
            },
            {
                "a headless service stays headless",
                "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {clusterIP: None, clusterIPs: [None], ports: [{port: 5432}]}}",
                "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {clusterIP: None, clusterIPs: [None], ports: [{port: 5432}]}}"
            },
            {
                "a claim is bound anew",
                """
                    {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data,
                      finalizers: [kubernetes.io/pvc-protection], annotations: {
                      pv.kubernetes.io/bind-completed: "yes", volume.kubernetes.io/selected-node: w1,
                        volume.kubernetes.io/storage-provisioner: p}},
                      spec: {volumeName: pvc-1, storageClassName: fast, resources: {requests: {storage: 1Gi}}}, status: {phase: Bound}}
                    """,
                """
                    {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
                      spec: {storageClassName: fast, resources: {requests: {storage: 1Gi}}}}
                    """
            },
            {
                "a volume is free",
                """
                    {apiVersion: v1, kind: PersistentVolume, metadata: {name: pv,
                      finalizers: [kubernetes.io/pv-protection, external-attacher/x]},
                      spec: {nfs: {server: s, path: /p}, persistentVolumeReclaimPolicy: Delete, claimRef: {namespace: a, name: b, uid: u}}}
                    """,
                "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {nfs: {server: s, path: /p}, "
                    + "persistentVolumeReclaimPolicy: Delete}}"
            },
            {
                "a job's selector is made anew",
                """
                    {apiVersion: batch/v1, kind: Job, metadata: {name: j, labels: {app: j, controller-uid: u,
                      job-name: j}}, spec: {selector: {matchLabels: {
                      batch.kubernetes.io/controller-uid: u}}, template: {metadata: {creationTimestamp: null,
                        labels: {app: j, controller-uid: u,
                      batch.kubernetes.io/controller-uid: u, batch.kubernetes.io/job-name: j, job-name: j}},
                        spec: {containers: [{name: c}]}}}}
                    """,
                """
                    {apiVersion: batch/v1, kind: Job, metadata: {name: j, labels: {app: j}}, spec: {template: {metadata: {labels: {app: j}},
                      spec: {containers: [{name: c}]}}}}
                    """
            },
            {
                "a selector that a user wrote stays",
                "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {manualSelector: true, selector: {matchLabels: "
                    + "{job-name: mine}}}}",
                "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {manualSelector: true, selector: {matchLabels: "
                    + "{job-name: mine}}}}"
            },
            {
                "a pod goes to whatever node there is, with a token of its own",
                """
                    {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: w1, priority: 0,
                      preemptionPolicy: PreemptLowerPriority,
                      ephemeralContainers: [{name: debugger}],
                      volumes: [{name: data, emptyDir: {}}, {name: kube-api-access-x1, projected: {sources: []}}],
                      containers: [{name: c, volumeMounts: [{name: kube-api-access-x1, mountPath: /t}, {name: data, mountPath: /d}]},
                        {name: d, volumeMounts: [{name: kube-api-access-x1, mountPath: /t}]}]}}
                    """,
                """
                    {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: data, emptyDir: {}}],
                      containers: [{name: c, volumeMounts: [{name: data, mountPath: /d}]}, {name: d}]}}
                    """
            },
            {
                "a namespace keeps its labels but the server's",
                """
                    {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop, team: a}},
                      spec: {finalizers: [kubernetes]}, status: {phase: Active}}
                    """,
                "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}"
            },
            {
                "finalizers of users stay, those of controllers go",
                "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t, finalizers: [example.com/mine, foregroundDeletion, "
                    + "orphan]}}",
                "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t, finalizers: [example.com/mine]}}"
            },
            {
                "a definition's stored versions are the other cluster's to say",
                """
                    {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com, finalizers: [
                      customresourcecleanup.apiextensions.k8s.io]}, spec: {group: example.com}, status: {storedVersions: [v1alpha1, v1]}}
                    """,
                "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}, spec: "
                    + "{group: example.com}}"
            },
        };

    [Theory]
    [MemberData(nameof(Rules))]
    public void It_takes_out_what_the_former_cluster_has_set_and_nothing_else(string what, string before, string after)
    {
        var item = Manifest.One(before);
        var untouched = item.Body.ToJsonString();

        var clean = ObjectCleaner.Clean(item, Usual);

        Assert.True(
            JsonNode.DeepEquals(Manifest.One(after).Body, clean.Item.Body),
            $"{what}:\n{clean.Item.Body.ToJsonString()}\n{Manifest.One(after).Body.ToJsonString()}"
        );
        Assert.Equal(untouched, item.Body.ToJsonString());
    }

    [Fact]
    public void Node_ports_are_kept_where_that_is_asked_for()
    {
        const string service =
            "{apiVersion: v1, kind: Service, metadata: {name: w}, spec: {clusterIP: 10.0.0.1, healthCheckNodePort: 1, ports: "
            + "[{port: 80, nodePort: 30080}]}}";

        var clean = ObjectCleaner.Clean(Manifest.One(service), Usual with { KeepNodePort = true });

        Assert.Equal("""{"healthCheckNodePort":1,"ports":[{"port":80,"nodePort":30080}]}""", clean.Item.Body["spec"]!.ToJsonString());
    }

    [Fact]
    public void Bindings_are_kept_by_names_and_no_claim_can_delete_the_data_of_the_other_site()
    {
        const string volume =
            "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {persistentVolumeReclaimPolicy: Delete, claimRef: "
            + "{namespace: a, name: b, uid: u, resourceVersion: \"1\"}}}";
        const string claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: b}, spec: {volumeName: pv}}";

        var cleanVolume = ObjectCleaner.Clean(Manifest.One(volume), Usual with { KeepVolumeBinding = true });
        var cleanClaim = ObjectCleaner.Clean(Manifest.One(claim), Usual with { KeepVolumeBinding = true });

        Assert.Equal(
            """{"persistentVolumeReclaimPolicy":"Retain","claimRef":{"namespace":"a","name":"b"}}""",
            cleanVolume.Item.Body["spec"]!.ToJsonString()
        );
        Assert.Contains("Retain", Assert.Single(cleanVolume.Notes), StringComparison.Ordinal);
        Assert.Equal("""{"volumeName":"pv"}""", cleanClaim.Item.Body["spec"]!.ToJsonString());
        Assert.Contains("without the data", Assert.Single(ObjectCleaner.Clean(Manifest.One(claim), Usual).Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Complete, status: \"True\"}]}}", true)]
    [InlineData("{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Failed, status: \"True\"}]}}", true)]
    [InlineData(
        "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Suspended, status: \"True\"}]}}",
        false
    )]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Succeeded}}", true)]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Running}}", false)]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {kubernetes.io/config.mirror: x}}}", true)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt}}", true)]
    [InlineData("{apiVersion: v1, kind: PersistentVolume, metadata: {name: v, annotations: {pv.kubernetes.io/provisioned-by: p}}}", true)]
    [InlineData("{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}}", false)]
    [InlineData(
        "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: a-token-abc12, annotations: "
            + "{kubernetes.io/service-account.name: a}}}",
        true
    )]
    [InlineData(
        "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: mine, annotations: "
            + "{kubernetes.io/service-account.name: a}}}",
        false
    )]
    [InlineData(
        "{apiVersion: example.com/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Complete, status: \"True\"}]}}",
        false
    )]
    public void What_would_do_harm_or_mean_nothing_is_left_out(string yaml, bool isLeftOut) =>
        Assert.Equal(isLeftOut, LeftOut.Reason(Manifest.One(yaml), Usual) is not null);
}
