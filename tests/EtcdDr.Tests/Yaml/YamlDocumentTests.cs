using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Tests.Yaml;

public sealed class YamlDocumentTests
{
    [Theory]
    [InlineData("0644")]
    [InlineData("yes")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("1e3")]
    [InlineData("- x")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData(" lead")]
    [InlineData("trail ")]
    [InlineData("two\nlines")]
    [InlineData("two\nlines\n")]
    [InlineData("two\nlines\n\n\n")]
    [InlineData("\nfirst is empty")]
    [InlineData("blank \nat an end")]
    [InlineData("  indented\nfirst")]
    [InlineData("tab\there")]
    [InlineData("tab\nhere\t")]
    [InlineData("\r\nwindows\r\n")]
    [InlineData("{a}")]
    [InlineData("'single' and \"double\"")]
    [InlineData("back\\slash")]
    [InlineData("\u0001\u0085\u2028")]
    [InlineData("emoji \U0001F600\nin lines")]
    [InlineData("=")]
    [InlineData("<<")]
    [InlineData("---")]
    [InlineData("%directive")]
    [InlineData("@at")]
    [InlineData(
        "a very long line that goes on and on and on, far beyond what an emitter would like to fold at eighty characters, and further"
    )]
    public void A_text_is_read_as_it_was_written(string text)
    {
        var value = new JsonObject { [text.Length == 0 ? "empty" : text] = text, ["list"] = new JsonArray(text, new JsonArray(text)) };

        var written = YamlDocument.Write(value);

        Assert.True(JsonNode.DeepEquals(value, YamlReader.Read(written)!.ToJson()), written);
    }

    [Fact]
    public void Numbers_flags_and_empty_parts_are_what_they_were_and_people_read_it()
    {
        var value = JsonNode.Parse(
            """
            {"kind":"ConfigMap","data":{"script":"#!/bin/sh\necho hi\n","mode":"0644"},"a":1,"b":0.5,"c":true,"d":null,
              "e":{},"f":[],"g":[{"h":1}]}
            """
        )!;

        Assert.Equal(
            """
            kind: ConfigMap
            data:
              script: |
                #!/bin/sh
                echo hi
              mode: "0644"
            a: 1
            b: 0.5
            c: true
            d: null
            e: {}
            f: []
            g:
              - h: 1

            """.ReplaceLineEndings("\n"),
            YamlDocument.Write(value)
        );
    }
}
