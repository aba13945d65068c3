using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects.Comparison;
using EtcdDr.Engine.Objects.Restore;
using EtcdDr.Engine.Objects.Sources;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ComparisonTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":2,"b":3}""", "a b")]
    [InlineData(
        """{"spec":{"containers":[{"name":"c","image":"x"}]}}""",
        """{"spec":{"containers":[{"name":"c","image":"y"},{"name":"d"}]}}""",
        "spec.containers[c].image spec.containers[d]"
    )]
    [InlineData("""{"data":{"a.b":"x"}}""", """{"data":{"a.b":"y"}}""", "data.\"a.b\"")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,3]}""", "a[1]")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", "a")]
    public void Differences_are_paths_without_values(string one, string other, string paths) =>
        Assert.Equal(paths, string.Join(' ', ObjectDifference.Paths(JsonNode.Parse(one), JsonNode.Parse(other))));

    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", true)]
    [InlineData("""{"a":[{"name":"c","image":"x","policy":"d"}]}""", """{"a":[{"name":"c","image":"x"}]}""", true)]
    [InlineData("""{"a":[{"name":"c"},{"name":"d"}]}""", """{"a":[{"name":"c"}]}""", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""", true)]
    [InlineData("""{"a":1}""", """{"b":{}}""", false)]
    public void All_that_is_wanted_is_there_or_not(string live, string wanted, bool covers) =>
        Assert.Equal(covers, ObjectDifference.Covers(JsonNode.Parse(live), JsonNode.Parse(wanted)));

    [Theory]
    [InlineData("""{"spec":{"replicas":1,"containers":[{"name":"c","image":"x"}]}}""", true)]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"x"}]}}""", false)]
    [InlineData("""{"spec":{"replicas":1,"containers":[{"name":"c"}]}}""", false)]
    [InlineData("""{"spec":{"replicas":1,"containers":[{"name":"d","image":"x"}]}}""", false)]
    public void What_was_applied_before_and_is_not_wanted_any_more_needs_an_apply(string wanted, bool areWanted)
    {
        const string live = """
            {"metadata":{"managedFields":[{"manager":"etcddr","operation":"Apply","fieldsV1":{"f:spec":{"f:replicas":{},
              "f:containers":{"k:{\"name\":\"c\"}":
              {".":{},"f:image":{}}}}}},{"manager":"other","operation":"Apply","fieldsV1":{"f:else":{}}}]}}
            """;

        Assert.Equal(areWanted, OwnedFields.AreWanted((JsonObject)JsonNode.Parse(live)!, (JsonObject)JsonNode.Parse(wanted)!, "etcddr"));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", "")]
    [InlineData("""{"cpu":"1000m"}""", """{"cpu":"1"}""", "")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":2}}""", "a.b")]
    [InlineData("""{"l":[{"name":"c","x":1}]}""", """{"l":[{"name":"sidecar"},{"name":"c","x":2}]}""", "l[c].x")]
    [InlineData("""{"e":{}}""", "{}", "")]
    public void What_a_cluster_does_not_take_as_it_is_wanted_is_told_and_what_it_adds_is_not(string wanted, string answer, string paths) =>
        Assert.Equal(paths, string.Join(' ', ObjectDifference.NotTaken(JsonNode.Parse(wanted), JsonNode.Parse(answer))));

    [Fact]
    public void A_pod_with_the_token_that_admission_gave_it_is_what_was_wanted()
    {
        var live = Manifest.One(
            """
            {apiVersion: v1, kind: Pod, metadata: {name: p, uid: u, managedFields: [{manager: etcddr, operation: Apply,
              fieldsV1: {"f:spec": {"f:volumes": {}}}}]},
              spec: {nodeName: w1, volumes: [{name: kube-api-access-1, projected: {}}], containers: [{name: c, image: x,
                volumeMounts: [{name: kube-api-access-1}]}]}}
            """
        );
        var wanted = Manifest.One("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: x}]}}");

        Assert.True(ObjectWriter.IsThere(live.Body, wanted.Body));
        Assert.False(ObjectWriter.IsThere(null, wanted.Body));
    }

    [Theory]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier!=db", true)]
    [InlineData("app=web,tier=db", false)]
    [InlineData("env in (a, b),app", true)]
    [InlineData("env notin (a,b)", false)]
    [InlineData("other notin (a,b),!legacy", true)]
    [InlineData("!app", false)]
    [InlineData("", true)]
    public void Labels_are_selected_as_kubectl_selects_them(string selector, bool fits) =>
        Assert.Equal(fits, LabelSelector.Parse(selector).Fits((JsonObject)JsonNode.Parse("""{"app":"web","env":"a"}""")!));

    [Theory]
    [InlineData("app=a=b")]
    [InlineData("app in a,b")]
    [InlineData("a b")]
    public void A_selector_that_is_none_is_an_error(string selector) =>
        Assert.Equal("LabelSelectorInvalid", Assert.Throws<EtcdDrException>(() => LabelSelector.Parse(selector)).ErrorId);

    [Theory]
    [InlineData("Deployment", true)]
    [InlineData("deployments", true)]
    [InlineData("deploy*", true)]
    [InlineData("deployments.apps", true)]
    [InlineData("deploy", true)]
    [InlineData("svc", false)]
    [InlineData("deployments.extensions", false)]
    public void Kinds_have_the_names_that_kubectl_knows(string name, bool fits) =>
        Assert.Equal(fits, KindNames.Fits(name, "apps", "Deployment", null));

    [Theory]
    [InlineData("Ingress", "ingresses")]
    [InlineData("NetworkPolicy", "networkpolicies")]
    [InlineData("Gateway", "gateways")]
    [InlineData("Endpoints", "endpoints")]
    [InlineData("Patch", "patches")]
    [InlineData("StorageClass", "storageclasses")]
    public void Plurals_are_formed_as_people_form_them(string kind, string plural) => Assert.Equal(plural, KindNames.Plural(kind));
}
