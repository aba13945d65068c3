using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Tests.Yaml;

public sealed class YamlScalarTests
{
    // As sigs.k8s.io/yaml, which kubectl reads with, takes them.
    [Theory]
    [InlineData("0644", "420")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0b101", "5")]
    [InlineData("-010", "-8")]
    [InlineData("+5", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("08", "8")]
    [InlineData("0", "0")]
    [InlineData("1e3", "1000")]
    [InlineData("1.50", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("n", "false")]
    [InlineData("~", "null")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("2026-11-22", "\"2026-11-22\"")]
    [InlineData("0xZZ", "\"0xZZ\"")]
    [InlineData("+-5", "\"+-5\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("nope", "\"nope\"")]
    [InlineData("'0644'", "\"0644\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("!!str 5", "\"5\"")]
    public void A_word_without_quotes_means_what_it_means_to_kubectl(string yaml, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), YamlReader.Read($"a: {yaml}")!.Entries[0].Value.ToJson()));
}
