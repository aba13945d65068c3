using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ObjectMapperTests
{
    private static readonly ObjectMapping Mapping = new()
    {
        Namespaces = new Dictionary<string, string> { ["shop"] = "shop-dr" },
        StorageClasses = new Dictionary<string, string> { ["fast"] = "standard" },
        Images = new Dictionary<string, string>
        {
            ["registry.example.com/prod"] = "mirror.example.net",
            ["docker.io"] = "hub.example.net/",
        },
        IngressClasses = new Dictionary<string, string> { ["nginx"] = "haproxy" },
    };

    /// <summary>An object, and the same under other names.</summary>
    public static TheoryData<string, string> Objects { get; } =
        new()
        {
            { "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", "{apiVersion: v1, kind: Namespace, metadata: {name: shop-dr}}" },
            {
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: shop, namespace: shop}, data: {namespace: shop}}",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: shop, namespace: shop-dr}, data: {namespace: shop}}"
            },
            {
                """
                    {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, subjects: [
                      {kind: ServiceAccount, name: a, namespace: shop}, {kind: User, name: shop}]}
                    """,
                """
                    {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, subjects: [
                      {kind: ServiceAccount, name: a, namespace: shop-dr}, {kind: User, name: shop}]}
                    """
            },
            {
                """
                    {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: h}, webhooks: [
                      {clientConfig: {service: {namespace: shop, name: hook}}}, {clientConfig: {url: "https://x"}}]}
                    """,
                """
                    {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: h}, webhooks: [
                      {clientConfig: {service: {namespace: shop-dr, name: hook}}}, {clientConfig: {url: "https://x"}}]}
                    """
            },
            {
                """
                    {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db,
                      annotations: {kubectl.kubernetes.io/last-applied-configuration: x}},
                      spec: {volumeClaimTemplates: [{spec: {storageClassName: fast}}], template: {spec: {
                      initContainers: [{image: "registry.example.com/prod/init:1"}],
                        containers: [{image: "postgres:16"}, {image: "quay.io/a/b"}]}}}}
                    """,
                """
                    {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db},
                      spec: {volumeClaimTemplates: [{spec: {storageClassName: standard}}],
                      template: {spec: {initContainers: [{image: "mirror.example.net/init:1"}],
                      containers: [{image: "hub.example.net/library/postgres:16"}, {image: "quay.io/a/b"}]}}}}
                    """
            },
            {
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d}, spec: {storageClassName: fast}}",
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d}, spec: {storageClassName: standard}}"
            },
            {
                "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {ingressClassName: nginx}}",
                "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {ingressClassName: haproxy}}"
            },
            {
                """
                    {apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: {spec: {
                      containers: [{image: registry.example.com/prod}]}}}}}}
                    """,
                """
                    {apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: {spec: {
                      containers: [{image: mirror.example.net}]}}}}}}
                    """
            },
            {
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: "
                    + "{kubectl.kubernetes.io/last-applied-configuration: x}}}",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: {kubectl.kubernetes.io/last-applied-configuration: x}}}"
            },
        };

    [Theory]
    [MemberData(nameof(Objects))]
    public void Names_are_replaced_where_they_are_names(string before, string after)
    {
        var item = Manifest.One(before);
        var untouched = item.Body.ToJsonString();

        var mapped = ObjectMapper.Map(item, Mapping);

        Assert.True(JsonNode.DeepEquals(Manifest.One(after).Body, mapped.Body), mapped.Body.ToJsonString());
        Assert.Equal(untouched, item.Body.ToJsonString());
    }

    [Theory]
    [InlineData("registry.example.com/prod/a/b@sha256:00", "mirror.example.net/a/b@sha256:00")]
    [InlineData("registry.example.com/production/a", "registry.example.com/production/a")]
    [InlineData("nginx", "hub.example.net/library/nginx")]
    [InlineData("bitnami/redis:7", "hub.example.net/bitnami/redis:7")]
    [InlineData("localhost/mine", "localhost/mine")]
    [InlineData("localhost:5000/mine", "localhost:5000/mine")]
    public void An_images_beginning_ends_where_a_part_of_its_name_ends(string image, string mapped) =>
        Assert.Equal(mapped, ObjectMapper.Image(image, Mapping.Images));
}
