using EtcdDr.Engine.Objects.Order;
using EtcdDr.Engine.Objects.Owners;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class WorkOrderTests
{
    private const string Everything = """
        {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: hook}}
        ---
        {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.metrics}}
        ---
        {apiVersion: example.com/v1, kind: Thing, metadata: {name: child, namespace: shop, ownerReferences: [
          {apiVersion: example.com/v1, kind: Thing, name: parent, uid: p}]}}
        ---
        {apiVersion: example.com/v1, kind: Thing, metadata: {name: parent, namespace: shop, uid: p}}
        ---
        {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: Secret, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: owned, namespace: shop, ownerReferences: [
          {apiVersion: apps/v1, kind: Deployment, name: web}]}}
        ---
        {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: v1, kind: PersistentVolume, metadata: {name: web}}
        ---
        {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
        ---
        {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}}
        """;

    [Fact]
    public void Everything_comes_after_what_it_needs_and_webhooks_come_last()
    {
        var turns = WorkOrder.Turns(Manifest.All(Everything));

        Assert.Equal(
            [
                "CustomResourceDefinition things.example.com",
                "Namespace shop",
                "PriorityClass high",
                "PersistentVolume web",
                "PersistentVolumeClaim web",
                "ServiceAccount web",
                "Role web",
                "Secret web",
                "Service web",
                "Deployment web",
                "ConfigMap owned",
                "HorizontalPodAutoscaler web",
                "Ingress web",
                "Thing parent",
                "Thing child",
                "APIService v1.metrics",
                "ValidatingWebhookConfiguration hook",
            ],
            turns.SelectMany(t => t.Items).Select(i => $"{i.Kind} {i.Name}")
        );
    }

    [Fact]
    public void What_is_owned_waits_for_its_owner_even_where_its_kind_would_come_earlier()
    {
        var turns = WorkOrder.Turns(Manifest.All(Everything));

        var owner = turns.Single(t => t.Items.Any(i => i.Kind == "Deployment"));
        var owned = turns.Single(t => t.Items.Any(i => i.Name == "owned"));
        Assert.Equal(WorkStage.Workloads, owned.Stage);
        Assert.NotSame(owner, owned);
    }

    [Fact]
    public void Objects_that_own_one_another_in_a_circle_have_an_order_all_the_same()
    {
        var items = Manifest.All(
            """
            {apiVersion: e.com/v1, kind: A, metadata: {name: a, uid: "1", ownerReferences: [{apiVersion: e.com/v1,
              kind: B, name: b, uid: "2"}]}}
            ---
            {apiVersion: e.com/v1, kind: B, metadata: {name: b, uid: "2", ownerReferences: [{apiVersion: e.com/v1,
              kind: A, name: a, uid: "1"}]}}
            """
        );

        Assert.Equal(2, WorkOrder.Turns(items).Sum(t => t.Items.Count));
    }

    [Fact]
    public void A_cluster_wide_owner_is_found_by_its_name_where_manifests_have_no_uids()
    {
        var items = Manifest.All(
            """
            {apiVersion: e.com/v1, kind: Root, metadata: {name: r}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n,
              ownerReferences: [{apiVersion: e.com/v1, kind: Root, name: r}]}}
            """
        );

        Assert.Equal(["r"], new OwnerGraph(items).OwnersOf(items[1]).Select(o => o.Name));
    }

    [Fact]
    public void Objects_of_aggregated_apis_come_after_what_serves_them()
    {
        var item = Manifest.One("{apiVersion: wardle.example.com/v1, kind: Flunder, metadata: {name: f}}");

        Assert.Equal(WorkStage.Others, WorkOrder.StageOf(item));
        Assert.Equal(WorkStage.AggregatedObjects, WorkOrder.StageOf(item, group => group == "wardle.example.com"));
    }

    [Theory]
    [InlineData(
        "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r, ownerReferences: [{kind: Deployment, controller: true}]}}",
        true
    )]
    [InlineData("{apiVersion: example.com/v1, kind: Made, metadata: {name: r, ownerReferences: [{kind: Thing, controller: true}]}}", true)]
    [InlineData("{apiVersion: example.com/v1, kind: Owned, metadata: {name: r, ownerReferences: [{kind: Thing}]}}", false)]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: password, ownerReferences: [{kind: Database, controller: true}]}}", false)]
    [InlineData(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, ownerReferences: [{kind: StatefulSet, controller: true}]}}",
        false
    )]
    [InlineData("{apiVersion: v1, kind: Endpoints, metadata: {name: e}}", false)]
    [InlineData(
        "{apiVersion: v1, kind: Endpoints, metadata: {name: e, annotations: {endpoints.kubernetes.io/last-change-trigger-time: x}}}",
        true
    )]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt}}", true)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}", false)]
    [InlineData("{apiVersion: v1, kind: Event, metadata: {name: e}}", true)]
    [InlineData(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: view, labels: {kubernetes.io/bootstrapping: "
            + "rbac-defaults}}}",
        true
    )]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: mine}}", false)]
    public void What_controllers_make_by_themselves_is_known_by_its_owner_or_its_marks(string yaml, bool isMade) =>
        Assert.Equal(isMade, ControllerMade.Is(Manifest.One(yaml)));
}
