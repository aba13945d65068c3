using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Tests.Yaml;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("a: [x]\n", "a: [x, new]\n")]
    [InlineData("a: []  # none\n", "a: [new]  # none\n")]
    [InlineData("a: [\n  x, # first\n]\n", "a: [\n  x, new, # first\n]\n")]
    [InlineData("a:\n- x\nb: 1\n", "a:\n- x\n- new\nb: 1\n")]
    [InlineData("a:\n  - x   # last\n\n# about b\nb: 1\n", "a:\n  - x   # last\n  - new\n\n# about b\nb: 1\n")]
    [InlineData("a:\n- x", "a:\n- x\n- new\n")]
    [InlineData("a:\r\n- x\r\nb: 1\r\n", "a:\r\n- x\r\n- new\r\nb: 1\r\n")]
    [InlineData("a:\n- k: |\n    text\n\nb: 1\n", "a:\n- k: |\n    text\n- new\n\nb: 1\n")]
    public void An_item_is_appended_and_all_else_stays(string before, string after)
    {
        var text = YamlText.Parse(before);

        Assert.Equal(after, text.Append(text.Documents[0]["a"]!, "new").Text);
    }

    [Theory]
    [InlineData("a:\n  x: 1\nb: 1\n", "a:\n  x: 1\n  new:\n  - v\nb: 1\n")]
    [InlineData("a: {x: 1}\n", "a: {x: 1, new: [v]}\n")]
    [InlineData("a: {} # c\n", "a: {new: [v]} # c\n")]
    [InlineData("a:\n  new:   # c\n  x: 1\n", "a:\n  new:   # c\n  - v\n  x: 1\n")]
    [InlineData("a:\n  new: null # c\n", "a:\n  new:  # c\n  - v\n")]
    [InlineData("a:\n  x:\n    y: 'z' # c\n", "a:\n  x:\n    y: 'z' # c\n  new:\n  - v\n")]
    [InlineData("a:\n  x: |\n    text\n", "a:\n  x: |\n    text\n  new:\n  - v\n")]
    public void A_key_is_added_and_all_else_stays(string before, string after)
    {
        var text = YamlText.Parse(before);

        Assert.Equal(after, text.Add(text.Documents[0]["a"]!, "new", new JsonArray("v")).Text);
    }

    [Theory]
    [InlineData("a: 'https://old:6443' # c\n", "a: https://new:6443 # c\n")]
    [InlineData("{\"a\": \"https://old:6443\", \"b\": 1}", "{\"a\": https://new:6443, \"b\": 1}")]
    [InlineData("b: 1\n---\na: https://old:6443\n...\n", "b: 1\n---\na: https://new:6443\n...\n")]
    public void A_value_is_replaced_and_all_else_stays(string before, string after)
    {
        var text = YamlText.Parse(before);

        Assert.Equal(after, text.Replace(text.Documents[^1]["a"]!, "https://new:6443").Text);
    }

    [Fact]
    public void Text_that_would_be_read_as_something_else_is_quoted()
    {
        var text = YamlText.Parse("a: [x]\n");
        foreach (var item in new[] { "true", "5", "a: b", "# c", "", "~", "10.0.0.1", "a\nb", "\"", "*x", "Ü" })
        {
            text = text.Append(text.Documents[0]["a"]!, item);
            Assert.Equal(item, YamlReader.Read(text.Text)!["a"]!.Items[^1].Text);
            Assert.False(text.Documents[0]["a"]!.Items[^1].TryGetInteger(out _));
        }
    }

    [Fact]
    public void A_value_that_stands_for_another_too_is_left_alone()
    {
        var text = YamlText.Parse("a: &shared [x]\nb: *shared\n");

        Assert.Throws<YamlFormatException>(() => text.Append(text.Documents[0]["b"]!, "new"));
    }
}
