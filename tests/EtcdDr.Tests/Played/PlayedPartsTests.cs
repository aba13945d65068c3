using System.Text.Json.Nodes;
using EtcdDr.Lab.ApiServer;
using EtcdDr.Lab.Kubelet;

namespace EtcdDr.Tests.Played;

public sealed class PlayedPartsTests
{
    [Fact]
    public void A_copy_left_among_the_manifests_is_one_more_pod_and_a_dot_file_is_none()
    {
        var directory = Directory.CreateTempSubdirectory("etcddr-manifests-").FullName;
        try
        {
            const string pod =
                "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec: {containers: [{name: etcd, image: e}]}\n";
            File.WriteAllText(Path.Combine(directory, "etcd.yaml"), pod);
            File.WriteAllText(Path.Combine(directory, "etcd.yaml.bak"), pod);
            File.WriteAllText(Path.Combine(directory, ".etcd.yaml.swp"), pod);
            File.WriteAllText(Path.Combine(directory, "notes.txt"), "not a pod");
            var complaints = new List<string>();

            var pods = StaticPod.ReadAll(directory, "cp1", complaints.Add);

            Assert.Equal(["kube-system", "kube-system"], pods.Select(p => p.Namespace));
            Assert.All(pods, p => Assert.Equal("etcd-cp1", p.Name));
            Assert.NotEqual(pods[0].Uid, pods[1].Uid);
            Assert.Contains("notes.txt", Assert.Single(complaints), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void The_first_restart_is_at_once_and_the_next_ones_wait_twice_as_long_each()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(300));
        var now = DateTimeOffset.UtcNow;
        Assert.True(backOff.Remaining("c", now) <= TimeSpan.Zero);
        backOff.Next("c", now);
        Assert.InRange(backOff.Remaining("c", now.AddSeconds(1)).TotalSeconds, 5, 11.5);
        backOff.Next("c", now);
        Assert.InRange(backOff.Remaining("c", now.AddSeconds(1)).TotalSeconds, 15, 21.5);
        Assert.True(backOff.Remaining("other", now) <= TimeSpan.Zero);
    }

    [Fact]
    public void A_strategic_patch_joins_containers_by_name_and_leaves_the_others()
    {
        var target = Parse("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1","args":["x"]}]}}""");
        var patch = Parse("""{"spec":{"containers":[{"name":"b","image":"2"}]},"metadata":{"annotations":{"k":"v"}}}""");

        var result = Patches.Apply(target, patch, "application/strategic-merge-patch+json");

        Assert.True(
            JsonNode.DeepEquals(
                Parse(
                    """
                    {"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2","args":["x"]}]},
                      "metadata":{"annotations":{"k":"v"}}}
                    """
                ),
                result
            )
        );
    }

    [Fact]
    public void A_JSON_patch_adds_removes_and_tests()
    {
        var target = Parse("""{"data":{"a":"1","b/c":"2"},"list":[1,2]}""");
        var patch = JsonNode.Parse(
            """
            [{"op":"test","path":"/data/a","value":"1"},{"op":"remove","path":"/data/b~1c"},{"op":"add",
              "path":"/list/-","value":3},{"op":"add","path":"/list/0","value":0}]
            """
        )!;

        var result = Patches.Apply(target, patch, "application/json-patch+json");

        Assert.True(JsonNode.DeepEquals(Parse("""{"data":{"a":"1"},"list":[0,1,2,3]}"""), result));
        Assert.Throws<StatusException>(() =>
            Patches.Apply(result, JsonNode.Parse("""[{"op":"test","path":"/data/a","value":"9"}]""")!, "application/json-patch+json")
        );
    }

    [Theory]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier", true)]
    [InlineData("app in (db, web),!gone", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("app!=web", false)]
    public void Label_selectors_choose(string selector, bool chosen) =>
        Assert.Equal(chosen, Selectors.Parse(selector, null)(Parse("""{"metadata":{"labels":{"app":"web","tier":"front"}}}""")));

    [Fact]
    public void A_continue_token_leads_back_behind_the_last_key_and_a_bent_one_is_refused()
    {
        const string prefix = "/registry/configmaps/";
        var token = ContinueToken.Make(42, prefix, "/registry/configmaps/default/x");

        Assert.Equal((42, "/registry/configmaps/default/x\0"), ContinueToken.Read(token, prefix));
        Assert.Equal(400, Assert.Throws<StatusException>(() => ContinueToken.Read("bent", prefix)).Code);
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
