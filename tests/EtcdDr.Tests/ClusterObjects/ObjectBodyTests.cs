using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.Json.Nodes;
using EtcdDr.Commands;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ObjectBodyTests
{
    private const string Whole = """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"A":"1","a":"2"}},"data":{"Key":"x","key":"y"},
          "spec":{"replicas":3,
        "ratio":0.5,"large":18446744073709551615,"flag":true,"none":null,"list":[1,"two",{"three":3}],"empty":{}}}
        """;

    [Fact]
    public void It_comes_back_as_it_was()
    {
        var body = (JsonObject)JsonNode.Parse(Whole)!;

        Assert.True(JsonNode.DeepEquals(body, ObjectBody.ToJson(ObjectBody.ToDictionary(body), "it")));
    }

    [Fact]
    public void Scripts_read_and_change_it_by_dots_and_what_they_change_comes_back()
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        var body = ObjectBody.ToDictionary((JsonObject)JsonNode.Parse(Whole)!);

        var seen = shell
            .AddScript(
                """
                param($body)
                $body.spec.replicas; $body.SPEC.list[2].three; $body.metadata.labels.A; $body.metadata.labels.a; $body.data.Key
                $body.spec.replicas = 0
                $body.spec.list += 4
                $body.metadata.annotations = @{ note = 'mine' }
                $when = [datetime]::new(2026, 11, 22, 23, 53, 31, [DateTimeKind]::Utc)
                $body.spec.template = [pscustomobject]@{ count = 7; when = $when; day = [dayofweek]::Monday }
                $body.data.Remove('key')
                """
            )
            .AddArgument(body)
            .Invoke();

        Assert.False(shell.HadErrors);
        Assert.Equal(["3", "3", "1", "2", "x"], seen.Select(s => $"{s}"));
        var json = ObjectBody.ToJson(body, "it");
        Assert.Equal("0", json["spec"]!["replicas"]!.ToJsonString());
        Assert.Equal("""[1,"two",{"three":3},4]""", json["spec"]!["list"]!.ToJsonString());
        Assert.Equal("""{"note":"mine"}""", json["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("""{"count":7,"when":"2026-11-22T23:53:31Z","day":"Monday"}""", json["spec"]!["template"]!.ToJsonString());
        Assert.Equal("""{"Key":"x"}""", json["data"]!.ToJsonString());
    }

    [Fact]
    public void A_value_that_JSON_has_not_is_an_error_that_names_its_path()
    {
        var body = new Hashtable { ["spec"] = new Hashtable { ["script"] = ScriptBlock.Create("1") } };

        var error = Assert.Throws<EtcdDrException>(() => ObjectBody.ToJson(body, "it"));

        Assert.Equal("ObjectBodyInvalid", error.ErrorId);
        Assert.Contains("Body.spec.script", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_holds_itself_is_an_error()
    {
        var body = new Hashtable();
        body["self"] = body;

        Assert.Equal("ObjectBodyInvalid", Assert.Throws<EtcdDrException>(() => ObjectBody.ToJson(body, "it")).ErrorId);
    }

    [Fact]
    public void What_an_object_is_called_follows_its_body()
    {
        var item = new ClusterObject { Body = ObjectBody.ToDictionary((JsonObject)JsonNode.Parse(Whole)!) };
        ((IDictionary)item.Body["metadata"]!)["name"] = "b";

        Assert.Equal("ConfigMap b", item.ToString());
        Assert.Equal("1", item.Labels["A"]);
        Assert.Null(item.Namespace);
    }
}
