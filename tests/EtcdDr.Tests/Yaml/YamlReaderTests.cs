using EtcdDr.Engine.Yaml;

namespace EtcdDr.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Fact]
    public void Values_know_their_lines()
    {
        var root = YamlReader.Read("a: 1\nb:\n  - x\n  - y: z\n")!;

        Assert.Equal(["a", "b"], root.Entries.Select(e => e.Key));
        Assert.Equal(4, root["b"]!.Items[1]["y"]!.Line);
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n")]
    [InlineData("# nothing\n")]
    [InlineData("~")]
    public void An_empty_document_is_null(string text) => Assert.Null(YamlReader.Read(text));

    [Fact]
    public void A_key_that_comes_twice_is_an_error_that_names_both_lines()
    {
        var error = Assert.Throws<YamlFormatException>(() => YamlReader.Read("a: 1\nb: 2\na: 3\n"));

        Assert.Equal(3, error.Line);
        Assert.Contains("'a' comes twice; the first is in line 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_of_two_keys_counts_where_the_kubelet_reads() =>
        Assert.Equal("3", YamlReader.Read("a: 1\na: 3\n", lastKeyWins: true)!.TextOf("a"));

    [Fact]
    public void Aliases_and_merge_keys_are_followed_and_own_keys_win()
    {
        var root = YamlReader.Read("base: &b {x: 1, y: 2}\nother:\n  <<: *b\n  y: 3\n")!;

        Assert.Equal("1", root["other"]!.TextOf("x"));
        Assert.Equal("3", root["other"]!.TextOf("y"));
    }

    [Fact]
    public void Depth_is_bounded_instead_of_ending_the_process()
    {
        var error = Assert.Throws<YamlFormatException>(() => YamlReader.Read(new string('[', 5000)));

        Assert.Contains("nested deeper", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [1, 2\nb: }")]
    [InlineData("a: \"unterminated")]
    [InlineData("a: b: c")]
    [InlineData("*nowhere")]
    [InlineData("? [1, 2]\n: x")]
    public void Broken_text_is_one_kind_of_error(string text) => Assert.Throws<YamlFormatException>(() => YamlReader.Read(text));

    [Fact]
    public void Quoted_values_are_text()
    {
        var root = YamlReader.Read("a: 'true'\nb: true\nc: \"5\"\nd: 5\ne: 'null'")!;

        Assert.False(root["a"]!.TryGetBoolean(out _));
        Assert.True(root["b"]!.TryGetBoolean(out var truth) && truth);
        Assert.False(root["c"]!.TryGetInteger(out _));
        Assert.True(root["d"]!.TryGetInteger(out var number) && number == 5);
        Assert.Equal("null", root.TextOf("e"));
    }
}
